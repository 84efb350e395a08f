"""Generator of loan applications: the documented source of the `credit-default` data.

Nothing here is measured on people. The rules below say how an application arises and what makes it fail, so that everybody can
check what the models ought to find. The outcome is sharper than in real lending (where the area under the ROC curve is rather
0.75 to 0.80) so that a demo of a few minutes has wrong labels at a rate of some 4 %, as a well-separated business problem would.

Money is in currency units per month or in currency units. A missing number is NaN, a missing text is the empty string.
"""

from __future__ import annotations

import numpy as np

NUMERIC = [
    "monthly_income",
    "monthly_expenses",
    "savings_balance",
    "existing_debt",
    "loan_amount",
    "loan_term_months",
    "employment_months",
    "late_payments_24m",
    "credit_history_months",
]
CATEGORICAL = ["employment_type", "housing", "purpose"]
FEATURES = NUMERIC + CATEGORICAL
OUTCOME = "outcome"
CLASSES = ["defaulted", "repaid"]

EMPLOYMENT = ["permanent", "fixed_term", "self_employed", "retired", "not_employed"]
EMPLOYMENT_SHARES = [0.58, 0.14, 0.13, 0.09, 0.06]
EMPLOYMENT_INCOME = {"permanent": 1.0, "fixed_term": 0.8, "self_employed": 1.05, "retired": 0.7, "not_employed": 0.45}
HOUSING = ["mortgage", "owner", "tenant", "family", ""]
HOUSING_SHARES = [0.30, 0.16, 0.38, 0.11, 0.05]
PURPOSE = ["car", "home_improvement", "debt_consolidation", "education", "medical", "other"]
PURPOSE_SHARES = [0.31, 0.22, 0.18, 0.09, 0.06, 0.14]
TERMS = [12, 24, 36, 48, 60, 72, 84]
TERM_SHARES = [0.07, 0.16, 0.25, 0.20, 0.18, 0.08, 0.06]

EMPLOYMENT_RISK = {"permanent": -0.35, "fixed_term": 0.2, "self_employed": 0.15, "retired": -0.3, "not_employed": 0.9}
HOUSING_RISK = {"mortgage": -0.25, "owner": -0.5, "tenant": 0.2, "family": 0.1, "": 0.25}
PURPOSE_RISK = {
    "car": -0.1,
    "home_improvement": -0.25,
    "debt_consolidation": 0.45,
    "education": 0.0,
    "medical": 0.2,
    "other": 0.05,
}
STEEPNESS = 12.0
THRESHOLD = 1.2


def applications(count: int, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """`count` applications: a column by name, and the outcome of each. Equal seed, equal data."""
    random = np.random.default_rng(seed)
    employment = random.choice(EMPLOYMENT, count, p=EMPLOYMENT_SHARES)
    housing = random.choice(HOUSING, count, p=HOUSING_SHARES)
    purpose = random.choice(PURPOSE, count, p=PURPOSE_SHARES)
    term = random.choice(TERMS, count, p=TERM_SHARES).astype(float)
    income = 2900.0 * _by(EMPLOYMENT_INCOME, employment) * np.exp(random.normal(0.0, 0.42, count))
    expenses = income * np.clip(random.normal(0.52, 0.13, count), 0.15, 1.05)
    savings = np.where(random.random(count) < 0.12, 0.0, income * np.exp(random.normal(0.9, 0.9, count)))
    debt = np.where(random.random(count) < 0.18, 0.0, income * np.exp(random.normal(0.9, 0.9, count)))
    amount = income * np.exp(random.normal(1.25, 0.55, count))
    employed = np.isin(employment, ["permanent", "fixed_term", "self_employed"])
    months_employed = np.where(employed, random.gamma(1.6, 40.0, count), np.nan)
    late = random.poisson(random.gamma(0.5, 1.3, count)).astype(float)
    history = np.clip(random.gamma(3.0, 38.0, count), 3.0, 540.0)

    installment = amount / term * 1.04
    free_share = (income - expenses - installment - 0.02 * debt) / income
    score = (
        1.1
        - 3.4 * free_share
        + 1.1 * np.log1p(debt / income)
        - 1.3 * np.log1p(savings / income)
        + 0.33 * np.minimum(late, 6.0)
        - 0.0022 * history
        - 0.004 * np.minimum(np.nan_to_num(months_employed, nan=30.0), 120.0)
        + _by(EMPLOYMENT_RISK, employment)
        + _by(HOUSING_RISK, housing)
        + _by(PURPOSE_RISK, purpose)
    )
    defaults = random.random(count) < 1.0 / (1.0 + np.exp(-STEEPNESS * (score - THRESHOLD)))

    # Not disclosed: a twentieth of the savings, whatever they are. Housing is left blank by choice of "" above.
    savings = np.where(random.random(count) < 0.05, np.nan, savings)
    columns = {
        "monthly_income": np.round(income),
        "monthly_expenses": np.round(expenses),
        "savings_balance": np.round(savings),
        "existing_debt": np.round(debt),
        "loan_amount": np.round(amount, -2),
        "loan_term_months": term,
        "employment_months": np.round(months_employed),
        "late_payments_24m": late,
        "credit_history_months": np.round(history),
        "employment_type": employment.astype(object),
        "housing": housing.astype(object),
        "purpose": purpose.astype(object),
    }
    return columns, np.where(defaults, "defaulted", "repaid").astype(object)


def _by(table: dict[str, float], keys: np.ndarray) -> np.ndarray:
    return np.array([table[key] for key in keys])
