"""What fields are called, in English and in Finnish: the ones that people need by hand, the rest from their path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    en: str
    fi: str


MAIN: Mapping[str, Label] = {
    "person.email": Label("Contact person's e-mail", "Yhteyshenkilön sähköposti"),
    "person.name": Label("Contact person's name", "Yhteyshenkilön nimi"),
    "person.phone": Label("Contact person's phone", "Yhteyshenkilön puhelin"),
    "customer.name": Label("Customer's name", "Asiakkaan nimi"),
    "invoice.invoiceNumber": Label("Invoice number", "Laskun numero"),
    "invoice.date": Label("Invoice date", "Laskun päivä"),
    "invoice.paymentInfo.dueDate": Label("Due date", "Eräpäivä"),
    "invoice.invoiceSumInfo.0.invoiceSumTotal": Label("Total with VAT", "Verollinen loppusumma"),
    "invoice.invoiceSumInfo.0.excludingVatTotal": Label("Total without VAT", "Veroton loppusumma"),
    "invoice.invoiceSumInfo.0.currency": Label("Currency", "Valuutta"),
    "invoice.language": Label("Language of the invoice", "Laskun kieli"),
    "invoice.invoiceChannel": Label("How the invoice is sent", "Laskukanava"),
    "invoice.orderReference": Label("Order reference", "Tilausviite"),
    "invoice.orderNumber": Label("Order number", "Tilausnumero"),
    "invoice.agreementNumber": Label("Agreement number", "Sopimusnumero"),
    "invoice.buyerReferenceIdentifier": Label("Buyer's reference", "Ostajan viite"),
    "invoice.sellerReferenceIdentifier": Label("Seller's reference", "Myyjän viite"),
    "invoice.additionalInformation": Label("Additional information (printed)", "Laskun lisätiedot (tulostuvat)"),
    "invoice.invoiceRows.0.product": Label("Product of the first row", "Ensimmäisen laskurivin tuote"),
    "invoice.invoiceRows.0.productCode": Label("Product code of the first row", "Ensimmäisen laskurivin tuotekoodi"),
    "invoice.deliveryStartDate": Label("Delivery period begins", "Toimituskausi alkaa"),
    "invoice.deliveryEndDate": Label("Delivery period ends", "Toimituskausi päättyy"),
    "invoice.counterParty.email": Label("E-mail on the invoice", "Sähköposti laskulla"),
    "invoice.counterParty.contactPersonName": Label("Contact person on the invoice", "Yhteyshenkilö laskulla"),
    "invoice.counterParty.counterPartyAddress.name": Label("Customer's name on the invoice", "Asiakkaan nimi laskulla"),
    "invoice.counterParty.counterPartyAddress.city": Label("City on the invoice", "Postitoimipaikka laskulla"),
    "invoice.counterParty.customerNumber": Label("Customer number on the invoice", "Asiakasnumero laskulla"),
    "customer.invoicingInfo.customerNumber": Label("Customer number", "Asiakasnumero"),
    "customer.invoicingInfo.identifier": Label("Business id", "Y-tunnus"),
    "customer.invoicingInfo.email": Label("Invoicing e-mail", "Laskutuksen sähköposti"),
    "customer.invoicingInfo.contactPerson": Label("Contact person for invoicing", "Laskutuksen yhteyshenkilö"),
    "customer.invoicingInfo.language": Label("Customer's language", "Asiakkaan kieli"),
    "customer.contactPersons.0.email": Label("First contact person's e-mail", "Ensimmäisen yhteyshenkilön sähköposti"),
    "customer.contactPersons.0.name": Label("First contact person's name", "Ensimmäisen yhteyshenkilön nimi"),
    "customer.contactPersons.0.phone": Label("First contact person's phone", "Ensimmäisen yhteyshenkilön puhelin"),
    "customer.registryInfo.phone": Label("Customer's phone", "Asiakkaan puhelin"),
    "customer.registryInfo.mobilePhone": Label("Customer's mobile phone", "Asiakkaan matkapuhelin"),
    "customer.registryInfo.partnerGroups.0.name": Label("First customer group", "Ensimmäinen asiakasryhmä"),
    "customer.address.city": Label("Customer's city", "Asiakkaan postitoimipaikka"),
    "customer.address.country": Label("Customer's country", "Asiakkaan maa"),
    "customer.additionalInfo.sector": Label("Line of business", "Toimiala"),
}
"""In the order in which they are offered."""

ENGLISH: Mapping[str, str] = {
    "bccAddresses": "blind copy", "bic": "BIC", "contactPersons": "contact person", "counterParty": "customer",
    "counterPartyAddress": "address", "denyEinvoiceReminders": "no reminders as e-invoice",
    "excludingVatTotal": "total without VAT", "invoiceRows": "row", "invoiceSumInfo": "total",
    "invoiceSumTotal": "total with VAT", "isOffer": "is an offer", "partnerGroups": "customer group",
    "specifier": "c/o", "taxCode": "VAT number", "unitPricesIncludeVat": "unit prices include VAT",
    "vatCountry": "VAT country", "vatPercent": "VAT percent", "vatStatus": "VAT status", "vatSumTotal": "VAT",
    "version": "last modified", "zip": "postal code",
}  # fmt: skip
"""Keys whose own words do not say it."""
FINNISH: Mapping[str, str] = {
    "accountingByRow": "tiliöinti riveittäin", "active": "aktiivinen", "additionalInfo": "lisätiedot",
    "additionalInformation": "lisätiedot", "address": "osoite", "agreementNumber": "sopimusnumero",
    "auxiliaryCompanyName": "aputoiminimi", "bankReferenceCodeType": "viitenumeron tyyppi",
    "bccAddresses": "piilokopio", "bic": "BIC-koodi", "billingAddress": "laskutusosoite",
    "buyerReferenceIdentifier": "ostajan viite", "city": "postitoimipaikka", "comment": "kommentti",
    "contactPerson": "yhteyshenkilö", "contactPersonName": "yhteyshenkilön nimi", "contactPersons": "yhteyshenkilö",
    "counterParty": "asiakas", "counterPartyAddress": "osoite", "country": "maa", "created": "luotu",
    "creatorId": "laatijan tunnus", "currency": "valuutta", "currencyRate": "valuuttakurssi", "customer": "Asiakas",
    "customerAccountNumber": "asiakkaan tilinumero", "customerNumber": "asiakasnumero", "date": "päivämäärä",
    "defaultAdditionalInformation": "oletuslisätiedot", "defaultReference": "oletusviite",
    "deliveryAddress": "toimitusosoite", "deliveryEndDate": "toimituskausi päättyy",
    "deliveryInstructions": "toimitusohjeet", "deliveryMethod": "toimitustapa", "deliverySite": "toimituspaikka",
    "deliveryStartDate": "toimituskausi alkaa", "deliveryTermsInfo": "toimitusehto",
    "denyEinvoiceReminders": "ei maksumuistutuksia verkkolaskuina", "discountPercent": "alennusprosentti",
    "discountPercentage": "alennusprosentti", "dueDate": "eräpäivä", "email": "sähköposti", "endDate": "päättyy",
    "excludingVatTotal": "veroton loppusumma", "explanationText": "selite", "extraInfo": "lisäasetukset",
    "factoringContractId": "rahoitussopimuksen tunnus", "factoringText": "rahoitussopimuksen teksti", "fax": "faksi",
    "formerCompanyName": "entinen nimi", "group": "konserni", "headerText": "otsikko",
    "homeMunicipality": "kotikunta", "id": "tunnus", "identifier": "tunniste", "identifierType": "tunnisteen tyyppi",
    "inAccountingCurrency": "kirjanpidon valuutassa", "invoice": "Lasku", "invoiceChannel": "laskukanava",
    "invoiceLedger": "reskontra", "invoiceNumber": "laskun numero", "invoicePeriod": "laskutusjakso",
    "invoiceRows": "laskurivi", "invoiceSumInfo": "summat", "invoiceSumTotal": "verollinen loppusumma",
    "invoiceTemplateId": "laskupohjan tunnus", "invoicingInfo": "laskutustiedot", "isOffer": "on tarjous",
    "language": "kieli", "ledgerReceiptId": "tositteen tunnus", "mobilePhone": "matkapuhelin",
    "municipality": "kunta", "name": "nimi", "newDueDate": "uusi eräpäivä", "orderNumber": "tilausnumero",
    "orderReference": "tilausviite", "originalInvoiceNumber": "alkuperäisen laskun numero",
    "parentCompanyId": "emoyhtiön tunnus", "parentCompanyIdType": "emoyhtiön tunnuksen tyyppi",
    "partnerGroups": "asiakasryhmä", "partnerId": "asiakkaan tunnus rekisterissä", "paymentDate": "maksupäivä",
    "paymentInfo": "maksutiedot", "paymentMethod": "maksutapa", "paymentTermDays": "maksuehto päivinä",
    "paymentTermPercentage": "maksuehdon prosentti", "penalInterestRate": "viivästyskorko",
    "penaltyPercent": "viivästyskorko", "phone": "puhelin", "product": "tuote", "productCode": "tuotekoodi",
    "productId": "tuotteen tunnus", "quantity": "määrä", "registryInfo": "rekisteritiedot",
    "reportGroup": "raportointiryhmä", "reportGroupId": "raportointiryhmän tunnus", "section": "osasto",
    "sector": "toimiala", "sellerReferenceIdentifier": "myyjän viite", "specifier": "osoitteen tarkenne",
    "startDate": "alkaa", "status": "tila", "street": "katuosoite", "subdivision": "hallintoalue", "sum": "summa",
    "taxCode": "ALV-tunniste", "tenderReference": "tarjousviite", "type": "tyyppi", "unit": "yksikkö",
    "unitPrice": "yksikköhinta", "unitPricesIncludeVat": "yksikköhinnat sisältävät alv:n",
    "vatCountry": "alv-maa", "vatPercent": "alv-prosentti", "vatStatus": "alv-status", "vatSumTotal": "arvonlisävero",
    "version": "muokattu viimeksi", "webAddress": "verkkosivut",
    "withholdingRegisterMarking": "ennakkoperintärekisterimerkintä", "zip": "postinumero",
}  # fmt: skip
"""Every key that Procountor's schema has."""

HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_-]")


def label(path: str) -> Label:
    """Of any path: `Invoice: billing address, city`; keys that nobody has named are told by their own words."""
    if path in MAIN:
        return MAIN[path]
    root, *steps = path.split(".")
    return Label(
        f"{root.capitalize()}: {told(steps, ENGLISH)}",
        f"{FINNISH.get(root, root)}: {told(steps, FINNISH)}",
    )


def told(steps: list[str], names: Mapping[str, str]) -> str:
    """An entry of a list is counted from 1, as people count."""
    said: list[str] = []
    for step in steps:
        if step.isdecimal() and said:
            said[-1] += f" {int(step) + 1}"
        else:
            said.append(names.get(step) or HUMP.sub(" ", step).lower())
    return ", ".join(said)
