"""posekit from Python: run, connect, frame."""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import posekit
from driver import BALANCE, CLIPS, OPTIONS

WITHOUT_DUCKDB = """
import sys
sys.modules["duckdb"] = None
import posekit
try:
    posekit.connect(sys.argv[1])
except ModuleNotFoundError as error:
    print(error)
"""


class Run(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def program(self, script):
        path = self.folder / "posekit"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    def test_the_status_of_the_program_is_the_result(self):
        with mock.patch.dict(os.environ, POSEKIT_PROGRAM=self.program('test "$1" = "two words"')):
            self.assertEqual(posekit.run(["two words"]), 0)
            with self.assertRaises(posekit.Failed) as caught:
                posekit.run(["word"])
        self.assertEqual(
            (caught.exception.status, str(caught.exception)), (1, "posekit ended with status 1: some videos failed")
        )
        self.assertEqual(pickle.loads(pickle.dumps(caught.exception)).status, 1)
        with mock.patch.dict(os.environ, POSEKIT_PROGRAM=self.program("kill -9 $$")):
            with self.assertRaisesRegex(posekit.Failed, "killed by signal 9"):
                posekit.run([])

    def test_the_installed_program_comes_before_that_of_the_path(self):
        program = self.program("exit 0")
        with mock.patch.dict(os.environ, PATH=str(self.folder)):
            os.environ.pop("POSEKIT_PROGRAM", None)
            self.assertEqual(str(posekit.program()), program)
            with mock.patch("sysconfig.get_path", return_value=str(self.folder / "none")):
                self.assertEqual(str(posekit.program()), program)
        with mock.patch.dict(os.environ, PATH=""):
            with self.assertRaisesRegex(FileNotFoundError, "POSEKIT_PROGRAM"):
                posekit.program()

    def test_ctrl_c_waits_for_the_program(self):
        script = f"import posekit; posekit.run(['{self.folder}/sealed'])"
        program = self.program('trap "sleep 0.5; touch $1; exit 130" INT; echo ready; sleep 20 & wait')
        child = subprocess.Popen(
            [sys.executable, "-c", script],
            env=os.environ | {"POSEKIT_PROGRAM": program},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.addCleanup(child.stdout.close)
        self.assertEqual(child.stdout.readline(), b"ready\n")
        time.sleep(0.5)  # The program can be faster than Python's own start of it.
        os.killpg(child.pid, signal.SIGINT)
        self.assertNotEqual(child.wait(timeout=10), 0)
        self.assertTrue((self.folder / "sealed").exists())


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.dataset = Path(folder.name) / "datasets"
        clip = Path(CLIPS) / BALANCE
        with mock.patch.dict(os.environ, POSEKIT_PROGRAM=os.environ["REAL_POSEKIT"]):
            posekit.run(["extract", *OPTIONS, "--video", clip, "--dataset", cls.dataset])
            posekit.run(["analyze", "--dataset", cls.dataset])

    def test_a_connection_sees_all_tables_and_blocks_nobody(self):
        with posekit.connect(self.dataset) as con:
            counts = con.sql("SELECT count(*), max(n_people) FROM frames").fetchall()
            self.assertEqual(counts, [(90, 1)])
            with self.assertRaisesRegex(Exception, "read-only"):
                con.execute("CREATE TABLE t (i INTEGER)")
            with mock.patch.dict(os.environ, POSEKIT_PROGRAM=os.environ["REAL_POSEKIT"]):
                posekit.run(["analyze", "--dataset", self.dataset, "--force"])

    def test_a_frame_goes_into_every_library_without_pyarrow(self):
        import pandas
        import polars

        self.assertNotIn("pyarrow", sys.modules)
        frame = posekit.frame("joint_angles", self.dataset)
        self.assertIn("angle_3d_deg", frame.columns)
        of_polars = frame.polars()
        self.assertGreater(of_polars.height, 100)
        self.assertEqual(of_polars.columns, frame.columns)
        self.assertTrue(polars.DataFrame(frame).equals(of_polars), "read twice")
        of_pandas = frame.pandas()
        self.assertIsInstance(of_pandas, pandas.DataFrame)
        self.assertEqual(of_pandas.shape, of_polars.shape)
        query = "FROM joint_angles SELECT count(*) AS n"
        for _ in range(2):
            self.assertEqual(posekit.frame(query, self.dataset).rows(), [{"n": of_polars.height}])
        for name in ("videos", "runs", "metrics", "landmarks", "poses", "people", "tracks", "checks"):
            self.assertGreater(len(posekit.frame(name, self.dataset).polars().columns), 3, name)

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(FileNotFoundError, "posekit extract"):
            posekit.connect(self.dataset / "none")
        with self.assertRaisesRegex(Exception, "no_such_table"):
            posekit.frame("no_such_table", self.dataset)
        said = subprocess.run(
            [sys.executable, "-c", WITHOUT_DUCKDB, self.dataset], capture_output=True, text=True, check=True
        )
        self.assertEqual(said.stdout.strip(), "duckdb is not installed: pip install duckdb")
        with self.assertRaisesRegex(ModuleNotFoundError, "pip install pyarrow"):
            posekit.frame("frames", self.dataset).arrow()


if __name__ == "__main__":
    unittest.main()
