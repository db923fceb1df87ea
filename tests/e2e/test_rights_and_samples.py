"""The verbs for rights and samples as an administrator types them."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_first_administrator_comes_in_once_and_a_sample_that_is_not_there_is_not_verified(
    admin_url: str, tmp_path: Path
) -> None:
    environment = {**os.environ, "MINZHENG_DATABASE_URL": admin_url, "MINZHENG_DATA_DIR": str(tmp_path)}

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "api.cli", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout, done.stderr

    assert run("migrate")[0] == 0
    first = ("rights", "first", "安全管理员甲", "--basis", "江民任〔2026〕1号")
    code, said, _ = run(*first)
    assert (code, "已登记首名安全管理员 安全管理员甲" in said) == (0, True)
    code, _, wrong = run(*first)
    assert (code, "已有安全管理员" in wrong) == (1, True)
    made = json.loads(run("sample", "seed", "--json")[1])
    assert made["seedHash"] == hashlib.sha256(made["seed"].encode()).hexdigest()
    code, _, wrong = run("sample", "verify", "5e638a37-4ec5-58da-a41a-6610c38785ed")
    assert (code, "日志中没有抽样核查" in wrong) == (1, True)
