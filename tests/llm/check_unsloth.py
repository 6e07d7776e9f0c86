"""Each Unsloth recipe: Unsloth needs a GPU even to be imported, so names and keywords are compared with its source."""

import ast
import importlib.util
import inspect
import py_compile
import tempfile
from pathlib import Path

import trl

# Who gives a class its keywords: those of the function in the module where Unsloth defines it.
SOURCES = {
    ("unsloth", "FastLanguageModel"): "unsloth/models/loader.py",
    ("unsloth.chat_templates", "train_on_responses_only"): "unsloth_zoo/dataset_utils.py",
    ("unsloth.chat_templates", "get_chat_template"): "unsloth/chat_templates.py",
    ("unsloth.chat_templates", "standardize_sharegpt"): "unsloth_zoo/dataset_utils.py",
}
# FastLanguageModel has this from the class of Llama models.
PEFT_SOURCE = "unsloth/models/llama.py"


def check(report, folder):
    """Checks all recipes."""
    recipes = folder.recipes("unsloth_*.py")
    report.check(recipes, "there are recipes")
    report.none(
        [path.name for path in recipes if not folder.config(path.stem.removeprefix("unsloth_"))],
        "each recipe has a configuration",
    )
    for path in recipes:
        with report.guard(f"{path.name} is read"), tempfile.TemporaryDirectory() as temporary:
            py_compile.compile(str(path), cfile=f"{temporary}/compiled", doraise=True)
            check_recipe(report, path, ast.parse(path.read_text(encoding="utf-8")))


def site_packages():
    """Gives the folder that holds Unsloth's source."""
    return Path(importlib.util.find_spec("unsloth").origin).parents[1]


def check_recipe(report, path, tree):
    """Checks imported names and the keywords of calls."""
    imported = {
        alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    order = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    report.check(order and order[0].startswith("unsloth"), f"{path.name}: Unsloth is imported first")
    names = {name: module for name, module in imported.items() if module.startswith("unsloth")}
    report.none(
        [f"{module}.{name}" for name, module in names.items() if not is_defined(module, name)],
        f"{path.name}: Unsloth has the names",
    )
    problems = []
    n_calls = 0
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        allowed = keywords_of(call.func, imported)
        if allowed is not None:
            n_calls += 1
            problems += [
                f"{ast.unparse(call.func)}({keyword.arg}=...)"
                for keyword in call.keywords
                if keyword.arg not in allowed
            ]
    report.none(problems, f"{path.name}: Unsloth and TRL know each keyword")
    report.check(n_calls >= 4, f"{path.name}: its calls are known", f"{n_calls} calls")


def is_defined(module, name):
    """Whether a module of Unsloth defines or imports a name at its top, or lists it."""
    base = site_packages() / module.replace(".", "/")
    source = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
    return name in found


def keywords_of(function, imported):
    """Gives the keywords that a called function knows, or None if it is neither Unsloth's nor TRL's."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        owner = (imported.get(function.value.id), function.value.id)
        if owner not in SOURCES:
            return None
        return keywords_in(PEFT_SOURCE if function.attr == "get_peft_model" else SOURCES[owner], function.attr)
    if not isinstance(function, ast.Name):
        return None
    module = imported.get(function.id)
    if module == "trl":
        return set(inspect.signature(getattr(trl, function.id)).parameters)
    return keywords_in(SOURCES[(module, function.id)], function.id) if (module, function.id) in SOURCES else None


def keywords_in(source, name):
    """Gives the named parameters of all functions of that name in a file of Unsloth."""
    tree = ast.parse((site_packages() / source).read_text(encoding="utf-8"))
    found = [node.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    if not found:
        raise ValueError(f"{source} has no function {name}")
    return {argument.arg for arguments in found for argument in (*arguments.args, *arguments.kwonlyargs)}
