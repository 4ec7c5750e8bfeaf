"""Who has come in: session, company, user, rights, and the service itself."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.company import ALL_RIGHTS, READING, Company
from sandbox.query import whole
from sandbox.visit import Visit

PRODUCT = "FINANCIALS_PREMIUM"


async def session(visit: Visit) -> web.Response:
    return json_answer(
        {
            "companyId": visit.company.id,
            "name": visit.company.name,
            "country": "FINLAND",
            "productVersion": PRODUCT,
            "userId": visit.user,
            "userName": visit.company.people[visit.user][2],
            "companySettings": {"invoiceDiscussionEnabled": True},
        }
    )


async def company(visit: Visit) -> web.Response:
    if visit.company.rights.company_info not in READING:
        raise Rejected(403, "Insufficient user rights")
    return json_answer(_company_of(visit.company))


async def user(visit: Visit) -> web.Response:
    first, last, login = visit.company.people[visit.user]
    known = visit.company.user
    return json_answer(
        {
            "id": visit.user,
            "username": login,
            "companyId": visit.company.id,
            "countryCode": "FINLAND",
            "loginMethod": "PROCOUNTOR_KEY",
            "firstName": first,
            "lastName": last,
            "email": known.email,
            "mobilePhone": known.phone,
            "socialSecurityNumber": "131052-308T",
        }
    )


async def profile(visit: Visit) -> web.Response:
    """Users of the same company only."""
    number = whole(visit.request.match_info["id"], "userId")
    if number not in visit.company.people:
        raise Rejected(404, "User not found")
    first, last, _ = visit.company.people[number]
    return json_answer({"firstname": first, "surname": last})


async def rights(visit: Visit) -> web.Response:
    return json_answer(_rights_of(visit.company, visit.user))


async def status(_: Visit) -> web.Response:
    return json_answer({"name": "Procountor API", "version": "26.04", "status": "OK", "procountorVersion": "26.04.1"})


def _company_of(company: Company) -> dict[str, Any]:
    place = {"street": company.street, "zip": company.zip, "city": company.city, "country": "FINLAND"}
    return {
        "id": company.id,
        "name": company.name,
        "country": "FINLAND",
        "productVersion": PRODUCT,
        "operationType": "PRODUCTION",
        "accountingOfficeName": "Tilitoimisto Luku ja Vakka Oy",
        "companyAddress": place,
        "billingAddress": place,
        "inTradeRegister": True,
        "businessIdentifier": {"brnType": "YHD", "code": company.business_id},
        "accountingCoaLanguages": ["FINNISH"],
        "companyCurrency": "EUR",
        "currencyRateSearchDensity": "DAILY_EXCHANGE_RATE",
    }


def _rights_of(company: Company, user: int) -> dict[str, Any]:
    rights = company.rights
    return {
        "role": "API technical user" if user == company.technical_user else "API user",
        "rights": {
            "management": {"basicCompanyInfo": rights.company_info},
            "sales": {
                "salesOrGroupInvoices": rights.sales_invoices,
                "salesInvoiceSearch": rights.sales_invoices,
                "personalSalesInvoicesOnly": rights.personal_sales_invoices_only,
                "customerRegister": rights.customer_register,
                "productRegister": ALL_RIGHTS,
            },
        },
    }
