"""Small files with the quirks of real ones."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

LOANS = """Loan_ID,Gender,Married,Dependents,Self_Employed,ApplicantIncome,CoapplicantIncome,LoanAmount,\
Loan_Amount_Term,Property_Area,Loan_Status,Loan_ID,Loan_Status\r
LP001002,Male,No,0,No,5849,0,,360,Urban,Y,LP001002,1\r
LP001003,Male,Yes,1,No,4583,1508,128,360,Rural,N,LP001003,1\r
LP001005,Female,Yes,3+,Yes,3000,985.7999878,66,360,Urban,Y,LP001005,1\r
LP001006,,,,,2583,2358,120,,Urban,Y,LP001006,0\r
"""

HMDA = """derived_sex,action_taken,loan_amount,interest_rate,property_value,income,applicant_race-1,applicant_race-2,\
applicant_age,tract_population
Joint,1,235000,8.75,945000,278,5,,35-44,3902
Female,0,55000,NA,915000,70,5,,55-64,2652
Joint,1,675000,6.625,845000,152,6,,<25,3528
Male,0,2.15E+07,Exempt,NA,NA,5,,8888,0
"""

DUTCH = """Aanvraagnummer;Voorletters;Tussenvoegsel;Achternaam;Geboortedatum;E-mail;Telefoonnummer;Postcode;Huisnummer;\
Bruto jaarinkomen;Koopsom;Hypotheekbedrag;Rente
A-1;J.P.;van der;Berg;21-11-1980;Jan@Example.nl;06-12345678;1234ab;12;€ 48.500,00;325.000;300.000,50;4,25
A-2;M.;;Özdemir;03-02-1990;m.ozdemir@example.nl;0201234567;1011 AA;3;52.000;410.000;390.000;3,9%
A-3;K.;de;Wit;1-5-1975;k.de.wit@example.nl;+31 6 87654321;9712CP;101;61.250,75;;250.000;
"""


def workbook(rows: Sequence[Sequence[Any]], above: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(above):
        sheet.append([])
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The same workbook with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def sheet_of(cells: bytes) -> bytes:
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return start + cells + b"</sheetData></worksheet>"
