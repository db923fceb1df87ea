"""Makes source files of fictitious persons in the forms that offices use."""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from stdnum.cn.ric import calc_check_digit

PERSON_TITLES = (
    "姓名", "公民身份号码", "性别", "出生日期", "人口类型", "户号", "户主姓名", "户主公民身份号码", "与户主关系",
    "所属街道", "所属社区", "现住地址", "联系电话", "登记日期",
)  # fmt: skip
CASE_TITLES = (
    "低保证号", "救助类型", "地区", "户主姓名", "身份证号", "家庭人口数", "保障人口数", "主要致贫原因",
    "家庭月收入(元)", "保障金额（元）", "分类施保金(元)", "起始保障年月", "截止保障年月",
    "申请日期", "停保原因", "开户银行", "银行账号",
)  # fmt: skip
MEMBER_TITLES = ("低保证号", "姓名", "身份证号", "与户主关系", "是否保障对象", "人员状态")
PAYMENT_TITLES = ("发放年月", "低保证号", "姓名", "身份证号码", "发放合计(元)", "账号", "批次号", "发放状态")
GRANT_TITLES = ("编号", "姓名", "身份证号", "地区", "救助类型", "救助金额(元)", "资金来源", "发放日期", "原因")
MOVE_TITLES = ("姓名", "公民身份号码", "变动类型", "迁往地", "变动日期", "原因")
DEATH_TITLES = ("身份证号", "姓名", "去世时间", "火化时间")


def citizen_id(number: int, born: date = date(1970, 1, 1)) -> str:
    """A valid ID of the fictitious area; even numbers are women."""
    body = f"990000{born:%Y%m%d}{number:03d}"
    return body + str(calc_check_digit(body + "0"))


def person(number: int, **changed: Any) -> dict[str, Any]:
    """A row of the register: every person alone in a household of 江南街道桥南社区."""
    names = ("幻甲", "幻乙", "幻丙", "幻丁", "幻戊", "幻己", "幻庚", "幻辛", "幻壬", "幻癸")
    born = changed.pop("born", date(1970, 1, 1))
    id = citizen_id(number % 1000, born)
    name = names[number % 10] + "一二三四五六七八九十"[number // 10 % 10]
    row = {
        "姓名": name,
        "公民身份号码": id,
        "性别": "男" if number % 2 else "女",
        "出生日期": born.isoformat(),
        "人口类型": "户籍",
        "户号": f"H{number:05d}",
        "户主姓名": name,
        "户主公民身份号码": id,
        "与户主关系": "户主",
        "所属街道": "江南街道",
        "所属社区": "桥南社区居委会",
        "现住地址": f"桥南社区样例路{number}号",
        "联系电话": f"1990000{number:04d}",
        "登记日期": "2010-01-05",
    }
    return row | changed


def case(number: str, head: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A row of a case: one person, 550 yuan a month since 2015-01."""
    row = {
        "低保证号": number,
        "救助类型": "城市低保",
        "地区": "江门市江海区江南街道桥南社区居委会",
        "户主姓名": head["姓名"],
        "身份证号": head["公民身份号码"],
        "家庭人口数": 1,
        "保障人口数": 1,
        "主要致贫原因": "疾病",
        "家庭月收入(元)": 0,
        "保障金额（元）": 550,
        "分类施保金(元)": 0,
        "起始保障年月": "2015-01",
        "截止保障年月": "3000-12",
        "申请日期": "2014-11-20",
        "停保原因": "",
        "开户银行": "样例银行",
        "银行账号": "990012345678",
    }
    return row | changed


def payment(number: str, month: str, head: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A line of a payroll: 550 yuan."""
    row = {
        "发放年月": month,
        "低保证号": number,
        "姓名": head["姓名"],
        "身份证号码": head["公民身份号码"],
        "发放合计(元)": "550.0",
        "账号": "990012345678",
        "批次号": f"DB{month.replace('-', '')}",
        "发放状态": "成功",
    }
    return row | changed


def table(rows: Iterable[dict[str, Any]], titles: Sequence[str]) -> list[list[Any]]:
    """Rows in the order of the titles."""
    return [[row.get(title, "") for title in titles] for row in rows]


def write_csv(
    path: Path,
    rows: Iterable[dict[str, Any]],
    titles: Sequence[str] = PERSON_TITLES,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(titles)
        writer.writerows(table(rows, titles))
    return path


def write_xlsx(path: Path, cells: Sequence[Sequence[Any]], *more: Sequence[Sequence[Any]]) -> Path:
    """A workbook with one sheet for each table of cells."""
    book = openpyxl.Workbook()
    for index, sheet_cells in enumerate((cells, *more)):
        sheet = book.active if index == 0 else book.create_sheet()
        assert sheet is not None
        for row in sheet_cells:
            sheet.append(list(row))
    book.save(path)
    return path


def write_xls(path: Path, cells: Sequence[Sequence[Any]]) -> Path:
    """An Excel 97 workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("表一")
    dates = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            if isinstance(value, date):
                sheet.write(row, column, value, dates)
            else:
                sheet.write(row, column, value)
    book.save(str(path))
    return path


def write_json(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
