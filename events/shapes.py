"""What Procountor's answers are made of (API 26.04), without what an event does not keep: the ground of the catalogue.

A list has the shape of its entries. `tests/unit/test_catalogue.py` compares it with the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    """Sent as `true` or `false`."""
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"
    """One of Procountor's own words, such as FINNISH."""


Shape = FieldType | Mapping[str, "Shape"] | list["Shape"]

TEXT, NUMBER, BOOLEAN, DATE, TIME, CHOICE = FieldType


def texts(*keys: str) -> dict[str, Shape]:
    return dict.fromkeys(keys, TEXT)


def numbers(*keys: str) -> dict[str, Shape]:
    return dict.fromkeys(keys, NUMBER)


def dates(*keys: str) -> dict[str, Shape]:
    return dict.fromkeys(keys, DATE)


def choices(*keys: str) -> dict[str, Shape]:
    return dict.fromkeys(keys, CHOICE)


REFERENCES = texts(
    "orderReference",
    "orderNumber",
    "agreementNumber",
    "deliverySite",
    "tenderReference",
    "buyerReferenceIdentifier",
    "sellerReferenceIdentifier",
)
ADDRESS = {**texts("name", "specifier", "street", "zip", "city", "subdivision"), "country": CHOICE}
ROW = {
    **texts("product", "productCode", "comment", "headerText", "explanationText"),
    **numbers("id", "productId", "quantity", "unitPrice", "discountPercent", "vatPercent", "vatStatus"),
    **dates("startDate", "endDate"),
    "unit": CHOICE,
}
TOTALS = {
    **numbers("excludingVatTotal", "vatSumTotal", "invoiceSumTotal"),
    "currency": TEXT,
    "inAccountingCurrency": BOOLEAN,
}
INVOICE: Mapping[str, Shape] = {
    **numbers("id", "partnerId", "invoiceNumber", "creatorId", "discountPercent", "penaltyPercent", "vatStatus"),
    **numbers("invoiceTemplateId", "ledgerReceiptId", "factoringContractId", "sum"),
    **dates("date", "dueDate", "newDueDate", "paymentDate", "deliveryStartDate", "deliveryEndDate"),
    **choices("type", "status", "invoiceChannel", "language", "deliveryMethod", "vatCountry"),
    **texts("originalInvoiceNumber", "additionalInformation", "deliveryInstructions", "factoringText"),
    **REFERENCES,
    "created": TIME,
    "version": TIME,
    "isOffer": BOOLEAN,
    "counterParty": {
        **texts("contactPersonName", "identifier", "taxCode", "customerNumber", "email"),
        "bccAddresses": [TEXT],
        "counterPartyAddress": ADDRESS,
    },
    "billingAddress": ADDRESS,
    "deliveryAddress": ADDRESS,
    "paymentInfo": {
        **choices("paymentMethod", "currency", "bankReferenceCodeType"),
        **dates("dueDate", "newDueDate"),
        **numbers("currencyRate", "paymentTermPercentage"),
    },
    "deliveryTermsInfo": texts("name", "municipality"),
    "extraInfo": {"accountingByRow": BOOLEAN, "unitPricesIncludeVat": BOOLEAN},
    "invoiceSumInfo": [TOTALS],
    "invoiceRows": [ROW],
}
CUSTOMER: Mapping[str, Shape] = {
    "id": NUMBER,
    "name": TEXT,
    "type": CHOICE,
    "version": TIME,
    "address": ADDRESS,
    "billingAddress": ADDRESS,
    "deliveryAddress": ADDRESS,
    "invoicingInfo": {
        **texts("customerNumber", "identifier", "identifierType", "contactPerson", "email"),
        **choices("invoiceChannel", "language"),
        **REFERENCES,
        "bccAddresses": [TEXT],
        "denyEinvoiceReminders": BOOLEAN,
    },
    "contactPersons": [{"id": NUMBER, **texts("name", "email", "phone")}],
    "additionalInfo": {
        **texts("defaultAdditionalInformation", "defaultReference", "group", "parentCompanyId"),
        **texts("auxiliaryCompanyName", "formerCompanyName", "sector", "webAddress", "invoicePeriod"),
        **texts("withholdingRegisterMarking"),
        **choices("parentCompanyIdType", "invoiceLedger"),
    },
    "paymentInfo": {
        **numbers("factoringContractId", "paymentTermPercentage", "penalInterestRate", "discountPercentage"),
        **choices("paymentMethod", "currency"),
        **texts("paymentTermDays", "deliveryMethod", "bic", "customerAccountNumber"),
    },
    "registryInfo": {
        **texts("phone", "mobilePhone", "fax", "section", "homeMunicipality", "reportGroup"),
        "active": BOOLEAN,
        "reportGroupId": NUMBER,
        "partnerGroups": [{"id": NUMBER, "name": TEXT, "type": CHOICE, "active": BOOLEAN}],
    },
}
