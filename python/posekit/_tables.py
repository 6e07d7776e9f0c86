"""Opens the tables of a dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow


def connect(dataset: str | os.PathLike[str] = "datasets") -> duckdb.DuckDBPyConnection:
    """Opens the catalog of a dataset, read-only.

    The connection sees all tables and views that README lists, such as ``landmarks``, ``joint_angles`` and ``metrics``.
    It blocks nobody. It keeps its view of the tables until it is closed: connect again after an extraction.

    Args:
        dataset: the folder of the dataset.

    Raises:
        ModuleNotFoundError: DuckDB for Python is not installed.
        FileNotFoundError: the folder has no catalog.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise _lacking("duckdb") from error
    catalog = Path(dataset) / "catalog.duckdb"
    if not catalog.is_file():
        raise FileNotFoundError(
            f"{catalog} is missing: `posekit extract` makes it; "
            f"`posekit status --rebuild --dataset {dataset}` makes it again from the other files"
        )
    return duckdb.connect(str(catalog), read_only=True)


def frame(relation: str, dataset: str | os.PathLike[str] = "datasets") -> Frame:
    """Returns a table or view of a dataset as a data frame.

    The result is taken by everything that reads the Arrow C stream interface, without PyArrow:
    ``polars.DataFrame(posekit.frame("metrics"))``.

    Args:
        relation: the name of a table or view, such as ``"joint_angles"``, or a query that begins with ``SELECT``,
            ``WITH`` or ``FROM``.
        dataset: the folder of the dataset.

    Raises:
        ModuleNotFoundError: DuckDB for Python is not installed.
        FileNotFoundError: the folder has no catalog.
        duckdb.Error: there is no such relation, or the query is wrong.
    """
    connection = connect(dataset)
    words = relation.split(maxsplit=1)
    is_query = len(words) == 2 and words[0].lower() in ("select", "with", "from")
    found = connection.sql(relation) if is_query else connection.table(relation)
    return Frame(connection, found)


class Frame:
    """The rows of a table, view or query. They are read when they are asked for, each time anew.

    Units are in the names of columns (``angle_3d_deg``, ``time_s``, ``x_px``).
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation) -> None:
        # A relation dies with its connection.
        self._connection = connection
        self._relation = relation

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._relation.columns)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Returns the rows as an Arrow C stream (the Arrow PyCapsule interface)."""
        relation: Any = self._relation
        return relation.__arrow_c_stream__(requested_schema)

    def rows(self) -> list[dict[str, Any]]:
        """Returns the rows as dictionaries."""
        # A relation's own fetchall() would keep its result: the next call would find it used up.
        cursor = self._connection.cursor().execute(self._relation.sql_query())
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def polars(self) -> polars.DataFrame:
        """Returns the rows as a Polars data frame. Needs ``posekit[polars]``."""
        try:
            import polars
        except ModuleNotFoundError as error:
            raise _lacking("polars") from error
        return polars.DataFrame(self)

    def pandas(self) -> pandas.DataFrame:
        """Returns the rows as a pandas data frame. Needs pandas."""
        try:
            import pandas  # noqa: F401 - DuckDB's own message does not say what to install
        except ModuleNotFoundError as error:
            raise _lacking("pandas") from error
        return self._relation.df()

    def arrow(self) -> pyarrow.Table:
        """Returns the rows as a PyArrow table. Needs PyArrow."""
        try:
            import pyarrow
        except ModuleNotFoundError as error:
            raise _lacking("pyarrow") from error
        return pyarrow.table(self)


def _lacking(module: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"{module} is not installed: pip install {module}", name=module)
