"""The catalogue of the exchange (政务信息资源目录): what data the city has, and who may have them.

    workbook, scenario → `Resource` … → `Catalogue` → workbook, DCAT-AP, packages, rules, search

Everything is a frozen record that cannot be made wrong: an entry that breaks a rule of the
national guide is an `InputError` with every problem, and one from a workbook names its cells.
`songhua.exchange.catalogue.dcat` is imported by itself, since it needs rdflib.
"""

from songhua.exchange.catalogue.catalogue import Catalogue, Code, CodeTable
from songhua.exchange.catalogue.codes import ResourceCode, parse_code, resource_code
from songhua.exchange.catalogue.declared import Registration, from_run_output, from_scenario
from songhua.exchange.catalogue.expectations import quality_rules
from songhua.exchange.catalogue.fields import Field, Kind, Sensitivity
from songhua.exchange.catalogue.finding import facets, search_text
from songhua.exchange.catalogue.packages import data_package, table_schema
from songhua.exchange.catalogue.reading import read_catalogue
from songhua.exchange.catalogue.resource import Resource, Tier
from songhua.exchange.catalogue.vocabulary import Word, words
from songhua.exchange.catalogue.writing import write_catalogue, write_template

__all__ = [
    "Catalogue",
    "Code",
    "CodeTable",
    "Field",
    "Kind",
    "Registration",
    "Resource",
    "ResourceCode",
    "Sensitivity",
    "Tier",
    "Word",
    "data_package",
    "facets",
    "from_run_output",
    "from_scenario",
    "parse_code",
    "quality_rules",
    "read_catalogue",
    "resource_code",
    "search_text",
    "table_schema",
    "words",
    "write_catalogue",
    "write_template",
]
