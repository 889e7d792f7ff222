"""The catalogue as DCAT-AP 3.0.1, so that any open-data portal can harvest it.

https://semiceu.github.io/DCAT-AP/releases/3.0.1/ with frequencies, access rights, themes,
languages, licences and file types of the European authority tables and media types of IANA.
Every node has an address, so that two exports of one catalogue are the same document; all of a
kind share a folder, because rdflib keeps a prefix for each and looks through them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS

from songhua.exchange.catalogue import checks
from songhua.exchange.catalogue.resource import Tier
from songhua.exchange.catalogue.vocabulary import words
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from songhua.exchange.catalogue.resource import Resource
    from songhua.exchange.catalogue.vocabulary import Word

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
MEDIA = "https://www.iana.org/assignments/media-types/"
_TITLE = ("政务信息资源目录", "Catalogue of government information resources")
_ABOUT = (
    "本市有哪些政务数据、由谁提供、如何获取。",
    "What data the city has, who provides them, how to get them.",
)


def to_dcat(resources: Iterable[Resource], base_url: str, publisher: str) -> Graph:
    """The resources (a `Catalogue` or any part of it) as the `dcat:Catalog` that `publisher` keeps
    at `base_url`.

    A dataset has its page at ``{base_url}/dataset/{name}``, where it is had or applied for, and
    its files at ``{base_url}/file/{name}.{format}`` where it is open to everyone; what is denied
    has no distribution. Raises `InputError` for a base that is no web address or a publisher
    without a name.
    """
    parts = urlsplit(base_url.strip())
    sound = parts.scheme in ("http", "https") and bool(parts.netloc)
    require(sound, "base_url", "catalogue_base_url", base_url)
    checks.settle(checks.text("publisher", publisher, required=True))
    base = "".join(map(_legal, base_url.strip().rstrip("/")))
    graph, listed = Graph(), tuple(resources)
    for prefix, space in (("dct", DCTERMS), ("dcat", DCAT), ("vcard", VCARD)):
        graph.bind(prefix, space, override=True, replace=True)
    catalogue = _node(graph, base, DCAT.Catalog)
    _say(graph, catalogue, DCTERMS.title, *_TITLE)
    _say(graph, catalogue, DCTERMS.description, *_ABOUT)
    graph.add((catalogue, DCTERMS.publisher, _agent(graph, base, publisher)))
    graph.add((catalogue, FOAF.homepage, _node(graph, f"{base}/", FOAF.Document)))
    _languages(graph, catalogue)
    known = {resource.code: URIRef(f"{base}/id/{resource.name}") for resource in listed}
    for resource in listed:
        dataset = _dataset(graph, base, resource)
        graph.add((catalogue, DCAT.dataset, dataset))
        for code in resource.related:
            if code in known:
                graph.add((dataset, DCTERMS.relation, known[code]))
    return graph


def serialise(graph: Graph, form: str = "turtle") -> bytes:
    """The document in UTF-8 as ``turtle``, ``json-ld`` or ``xml`` (RDF/XML)."""
    return graph.serialize(format=form, encoding="utf-8")


def _dataset(graph: Graph, base: str, resource: Resource) -> URIRef:
    node = _node(graph, f"{base}/id/{resource.name}", DCAT.Dataset)
    page = _node(graph, f"{base}/dataset/{resource.name}", FOAF.Document)
    _say(graph, node, DCTERMS.title, resource.title_zh, resource.title_en)
    _say(graph, node, DCTERMS.description, resource.summary_zh, resource.summary_en)
    graph.add((node, DCTERMS.identifier, Literal(resource.code)))
    graph.add((node, DCTERMS.publisher, _agent(graph, base, resource.provider)))
    graph.add((node, DCAT.landingPage, page))
    graph.add((node, DCTERMS.accessRights, _access(graph, resource)))
    cycle = words("cycle")[resource.cycle]
    graph.add((node, DCTERMS.accrualPeriodicity, _node(graph, cycle.iri, DCTERMS.Frequency)))
    for keyword in resource.keywords:
        _say(graph, node, DCAT.keyword, keyword)
    if resource.theme:
        for code in words("theme")[resource.theme].detail.split("|"):
            graph.add((node, DCAT.theme, _concept(graph, words("eu_theme")[code])))
    _date(graph, node, DCTERMS.issued, resource.published)
    _date(graph, node, DCTERMS.modified, resource.updated)
    _languages(graph, node, english=bool(resource.title_en))
    _coverage(graph, base, node, resource)
    _contact(graph, base, node, resource)
    if resource.tier is not Tier.DENIED:
        for name in resource.formats:
            graph.add((node, DCAT.distribution, _distribution(graph, base, resource, name)))
    return node


def _distribution(graph: Graph, base: str, resource: Resource, name: str) -> URIRef:
    form = words("format")[name]
    node = _node(graph, f"{base}/distribution/{resource.name}.{name}", DCAT.Distribution)
    _say(graph, node, DCTERMS.title, f"{resource.title_zh}（{form.zh}）")
    graph.add((node, DCAT.accessURL, URIRef(f"{base}/dataset/{resource.name}")))
    if _public(resource):
        graph.add((node, DCAT.downloadURL, URIRef(f"{base}/file/{resource.name}.{name}")))
    media = _node(graph, MEDIA + form.detail, DCTERMS.MediaType)
    graph.add((node, DCAT.mediaType, media))
    if form.iri:
        graph.add((node, DCTERMS["format"], _node(graph, form.iri, DCTERMS.MediaTypeOrExtent)))
    if resource.licence:
        word = words("licence")[resource.licence]
        licence = _node(graph, word.iri or f"{base}/licence/{word.code}", DCTERMS.LicenseDocument)
        _say(graph, licence, DCTERMS.title, word.zh, word.en)
        graph.add((node, DCTERMS.license, licence))
    for kind, said in (("sharing", resource.conditions), ("opening", resource.open_conditions)):
        if said:
            rights = _node(graph, f"{base}/{kind}/{resource.name}", DCTERMS.RightsStatement)
            _say(graph, rights, RDFS.label, said)
            graph.add((node, DCTERMS.rights, rights))
    return node


def _public(resource: Resource) -> bool:
    return resource.open and not resource.open_conditions


def _access(graph: Graph, resource: Resource) -> URIRef:
    denied = resource.tier is Tier.DENIED
    code = "PUBLIC" if _public(resource) else "NON_PUBLIC" if denied else "RESTRICTED"
    return _node(graph, words("access")[code].iri, DCTERMS.RightsStatement)


def _coverage(graph: Graph, base: str, node: URIRef, resource: Resource) -> None:
    if resource.spatial:
        place = _node(graph, f"{base}/place/{resource.name}", DCTERMS.Location)
        _say(graph, place, SKOS.prefLabel, resource.spatial)
        graph.add((node, DCTERMS.spatial, place))
    if resource.temporal_start or resource.temporal_end:
        period = _node(graph, f"{base}/period/{resource.name}", DCTERMS.PeriodOfTime)
        graph.add((node, DCTERMS.temporal, period))
        _date(graph, period, DCAT.startDate, resource.temporal_start)
        _date(graph, period, DCAT.endDate, resource.temporal_end)


def _contact(graph: Graph, base: str, node: URIRef, resource: Resource) -> None:
    """The contact; the provider stands for a person who is not named."""
    card = _node(graph, f"{base}/contact/{resource.name}", VCARD.Kind)
    graph.add((card, VCARD.fn, Literal(resource.contact_name or resource.provider)))
    graph.add((node, DCAT.contactPoint, card))
    if resource.contact_email:
        mail = URIRef("mailto:" + quote(resource.contact_email, safe="@+"))
        graph.add((card, VCARD.hasEmail, mail))
    if resource.contact_phone:
        phone = URIRef("tel:" + quote(resource.contact_phone, safe="+"))
        graph.add((card, VCARD.hasTelephone, phone))


def _agent(graph: Graph, base: str, name: str) -> URIRef:
    node = _node(graph, f"{base}/provider/{quote(name, safe='')}", FOAF.Agent)
    _say(graph, node, FOAF.name, name)
    return node


def _concept(graph: Graph, word: Word) -> URIRef:
    node = _node(graph, word.iri, SKOS.Concept)
    _say(graph, node, SKOS.prefLabel, word.zh, word.en)
    return node


def _languages(graph: Graph, node: URIRef, *, english: bool = True) -> None:
    for code in ("ZHO", "ENG") if english else ("ZHO",):
        language = _node(graph, words("language")[code].iri, DCTERMS.LinguisticSystem)
        graph.add((node, DCTERMS.language, language))


def _legal(character: str) -> str:
    """A character as an address may hold it; Chinese is left as it is."""
    sound = character.isprintable() and character not in '<>" {}|\\^`'
    return character if sound else quote(character)


def _node(graph: Graph, address: str, kind: URIRef) -> URIRef:
    node = URIRef(address)
    graph.add((node, RDF.type, kind))
    return node


def _date(graph: Graph, node: URIRef, predicate: URIRef, day: date | None) -> None:
    if day:
        graph.add((node, predicate, Literal(day)))


def _say(graph: Graph, node: URIRef, predicate: URIRef, zh: str, en: str = "") -> None:
    graph.add((node, predicate, Literal(zh, lang="zh")))
    if en:
        graph.add((node, predicate, Literal(en, lang="en")))
