import type { ImportVerdict } from "./types.ts";

/**
 * Which imports of a pickle are known to be harmless, and which are known to run code. Whatever is on neither list is `unknown`:
 * lists of bad names alone are always incomplete (CVE-2025-1716, CVE-2025-1889, CVE-2025-10157, GHSA-vvpj-8cmc-gx39).
 */
const names = (module: string, list: string): readonly string[] => list.split(" ").map((name) => `${module}\n${name}`);

const numpyScalars =
  "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longdouble complex64 complex128 str_ bytes_ void datetime64 timedelta64 object_ intc uintc intp";
const plainTypes = "set frozenset list dict tuple int float bool str bytes complex slice range object bytearray";

const allowed: ReadonlySet<string> = new Set([
  ...names("builtins", plainTypes),
  ...names("__builtin__", `${plainTypes} unicode long xrange`),
  ...names("collections", "OrderedDict defaultdict Counter deque"),
  ...names("copyreg", "_reconstructor __newobj__"),
  ...names("copy_reg", "_reconstructor __newobj__"),
  ...names("_codecs", "encode"),
  ...names("datetime", "date datetime time timedelta timezone"),
  ...names("decimal", "Decimal"),
  ...names("fractions", "Fraction"),
  ...names("uuid", "UUID"),
  ...names("numpy", `ndarray dtype ${numpyScalars}`),
  ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) => names(module, "_reconstruct scalar")),
  ...["numpy.core.numeric", "numpy._core.numeric"].flatMap((module) => names(module, "_frombuffer")),
  ...names("numpy.random._pickle", "__randomstate_ctor __generator_ctor __bit_generator_ctor"),
  ...names("numpy.random._mt19937", "MT19937"),
  ...names("numpy.random._pcg64", "PCG64"),
  ...names("numpy.random.bit_generator", "SeedSequence __pyx_unpickle_SeedSequence"),
  ...names("numpy.ma.core", "MaskedArray _mareconstruct"),
  ...names("joblib.numpy_pickle", "NumpyArrayWrapper"),
  ...names("pandas.core.frame", "DataFrame"),
  ...names("pandas.core.series", "Series"),
  ...names("pandas.core.indexes.base", "Index _new_Index"),
  ...names("pandas.core.indexes.range", "RangeIndex"),
  ...names("pandas.core.internals.managers", "BlockManager SingleBlockManager"),
  ...names("pandas._libs.internals", "_unpickle_block"),
  ...names("xgboost.core", "Booster"),
  ...names("xgboost.sklearn", "XGBClassifier XGBRegressor XGBRanker XGBRFClassifier XGBRFRegressor"),
  ...names("lightgbm.basic", "Booster"),
  ...names("lightgbm.sklearn", "LGBMClassifier LGBMRegressor LGBMRanker"),
  ...names("torch._utils", "_rebuild_tensor _rebuild_tensor_v2 _rebuild_parameter _rebuild_parameter_with_state"),
  ...names("torch", "Size device dtype Tensor float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 bool"),
  ...names("torch", "FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage ByteStorage BoolStorage"),
  ...names("torch.storage", "UntypedStorage TypedStorage"),
  ...names("torch.serialization", "_get_layout"),
  ...names("torch.nn.parameter", "Parameter"),
]);

/** Estimators and what they are made of. Not `externals`, `datasets`, `utils` and test helpers: those hold functions that read, write and run. */
const sklearnParts =
  /^sklearn\.(linear_model|ensemble|tree|svm|neighbors|naive_bayes|preprocessing|pipeline|compose|impute|feature_selection|feature_extraction|decomposition|cluster|calibration|model_selection|neural_network|discriminant_analysis|gaussian_process|kernel_approximation|kernel_ridge|mixture|isotonic|dummy|multiclass|multioutput|random_projection|covariance|cross_decomposition|manifold|semi_supervised|_loss|metrics\._dist_metrics|utils\._bunch)(\.|$)/;
const className = /^_{0,2}[A-Z][A-Za-z0-9_]*$/;
const sparse = /^scipy\.sparse\.(_?)(csr|csc|coo|bsr|dia|dok|lil)$/;

function isAllowed(module: string, name: string): boolean {
  if (allowed.has(`${module}\n${name}`)) return true;
  if (sklearnParts.test(module) && !/(^|\.)tests?(\.|$)/.test(module)) {
    return className.test(name) || /^(__pyx_unpickle_[A-Za-z0-9_]+|newObj)$/.test(name);
  }
  if (sparse.test(module)) return /^(csr|csc|coo|bsr|dia|dok|lil)_(matrix|array)$/.test(name);
  return /^torch\.nn\.modules\.[a-z_]+$/.test(module) && className.test(name);
}

/** Modules that reach the operating system, the network, the interpreter or other pickles, with everything below them. */
const dangerousModules: ReadonlySet<string> = new Set(
  (
    "os nt posix posixpath ntpath subprocess sys socket socketserver select selectors pty pipes popen2 commands shutil runpy code codeop importlib imp ctypes _ctypes cffi " +
    "multiprocessing concurrent threading _thread asyncio pickle _pickle cPickle dill marshal shelve dbm pip ensurepip venv distutils setuptools pkg_resources pkgutil zipimport site " +
    "webbrowser http httplib urllib urllib2 urllib3 requests aiohttp httpx ftplib smtplib telnetlib xmlrpc poplib imaplib nntplib ssl bdb pdb cProfile profile trace timeit doctest unittest " +
    "pydoc idlelib lib2to3 inspect gc atexit signal resource linecache tempfile glob fileinput io _io builtins.__dict__ platform " +
    "fickling picklescan modelscan modelaudit sqlite3 logging readline rlcompleter test sympy torch.hub torch.utils.collect_env torch.utils.cpp_extension torch.jit torch.load torch._inductor torch._dynamo " +
    "numpy.testing numpy.f2py numpy.distutils joblib._utils mlflow nose py pytest IPython"
  ).split(" "),
);

const dangerousNames: ReadonlySet<string> = new Set([
  ...["builtins", "__builtin__"].flatMap((module) =>
    names(module, "eval exec execfile compile __import__ open file input raw_input breakpoint getattr setattr delattr globals locals vars apply reload map filter exit quit memoryview"),
  ),
  ...["operator", "_operator"].flatMap((module) => names(module, "attrgetter methodcaller itemgetter call")),
  ...["functools", "_functools"].flatMap((module) => names(module, "reduce")),
  ...names("types", "CodeType FunctionType LambdaType MethodType ModuleType"),
  ...names("numpy", "load loadtxt fromfile genfromtxt memmap save savetxt"),
  ...names("numpy.lib.npyio", "load loadtxt genfromtxt save"),
  ...names("joblib", "load dump Memory Parallel"),
  ...names("joblib.numpy_pickle", "load load_temporary_memmap dump"),
  ...names("torch", "load save"),
  ...names("torch.serialization", "load"),
  ...names("pandas", "read_pickle read_csv read_json read_sql read_html eval to_pickle"),
  ...names("pandas.core.computation.eval", "eval"),
  ...names("pandas.io.pickle", "read_pickle"),
  ...names("cloudpickle", "load loads"),
  ...names("cloudpickle.cloudpickle", "load loads subimport"),
  ...names("sklearn.utils._testing", "TempMemmap"),
]);

function isDangerous(module: string, name: string): boolean {
  if (dangerousNames.has(`${module}\n${name}`)) return true;
  // A dotted name walks from module to attribute: os.path and os + "path.join" are the same thing.
  const whole = `${module}.${name}`.split(".");
  for (let length = 1; length < whole.length; length += 1) {
    if (dangerousModules.has(whole.slice(0, length).join("."))) return true;
  }
  return /^__(builtins|globals|subclasses|import|loader|spec|dict|code)__$/.test(name.split(".").at(-1) ?? "");
}

/** What is known of an import. A dotted or dunder attribute is never `allowed`: it can reach anything the module imports. */
export function judgeImport(module: string, name: string): ImportVerdict {
  if (isDangerous(module, name)) return "dangerous";
  return isAllowed(module, name) ? "allowed" : "unknown";
}

const frameworks: readonly (readonly [RegExp, string])[] = [
  [/^sklearn(\.|$)/, "scikit-learn"],
  [/^torch(\.|$)/, "PyTorch"],
  [/^xgboost(\.|$)/, "XGBoost"],
  [/^lightgbm(\.|$)/, "LightGBM"],
  [/^catboost(\.|$)/, "CatBoost"],
  [/^(keras|tensorflow)(\.|$)/, "Keras"],
  [/^statsmodels(\.|$)/, "statsmodels"],
  [/^cloudpickle(\.|$)/, "cloudpickle"],
  [/^pandas(\.|$)/, "pandas"],
  [/^numpy(\.|$)/, "NumPy"],
];

/** The library whose objects a pickle holds: the first in this order that it imports. */
export function frameworkOf(modules: Iterable<string>): string | null {
  const all = [...modules];
  return frameworks.find(([pattern]) => all.some((module) => pattern.test(module)))?.[1] ?? null;
}
