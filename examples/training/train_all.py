"""Train every example anew and bring the table in examples/README.md up to date: python examples/training/train_all.py"""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(EXAMPLES))

from training import readme_table

for name in [*readme_table.MODELS, "bring-your-own"]:
    subprocess.run([sys.executable, str(EXAMPLES / name / "train.py")], check=True)
readme_table.write()
