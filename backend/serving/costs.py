"""The cost page: what was spent and saved, the prices behind it, and the calculator."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from backend.keeping import Keeper, KeepingError, Spent
from backend.serving.identity import person_of
from backend.serving.pages import NOT_BUILT, bundle, templates
from backend.spending import listing
from backend.spending.calculator import PLAN_MODEL, SMALL_MODEL, Numbers, compare
from backend.spending.money import show
from backend.spending.prices import Book, unknown_price
from backend.spending.report import Report, Sum, build, to_csv

router = APIRouter()
ENTRY = "src/costs/main.ts"
PERIODS = (7, 30, 90)

Share = Annotated[float, Field(ge=0, le=1)]


class Asked(BaseModel):
    """The page's parameters: the period, and the calculator's numbers."""

    model_config = ConfigDict(extra="ignore")

    days: Annotated[int, Field(ge=1, le=366)] = 30
    conversations: Annotated[int, Field(ge=0, le=10_000_000)] = 100
    minutes: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 3.0
    turns_a_minute: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 3.0
    days_a_month: Annotated[int, Field(ge=0, le=31)] = 30
    hours: Annotated[float, Field(ge=0, le=24, allow_inf_nan=False)] = 24.0
    region: Annotated[float, Field(ge=0.1, le=10, allow_inf_nan=False)] = 1.0
    edition: Literal["premium", "enterprise"] = "premium"
    size: Literal["medium", "large"] = "medium"
    database: Literal["sqlite", "lakebase", "lakebase-provisioned"] = "sqlite"
    database_units: Annotated[float, Field(ge=0, le=128, allow_inf_nan=False)] = 0.5
    strong: Annotated[str, Field(max_length=100)] = PLAN_MODEL
    small: Annotated[str, Field(max_length=100)] = SMALL_MODEL
    prompt_tokens: Annotated[int, Field(ge=0, le=1_000_000)] = 900
    answer_tokens: Annotated[int, Field(ge=0, le=1_000_000)] = 80
    cached: Share = 0.3
    routed: Share = 0.6

    def numbers(self) -> Numbers:
        """The calculator's part."""
        given = self.model_dump(exclude={"days", "days_a_month"})
        return replace(Numbers(**given), days=self.days_a_month)


@router.get("/costs", response_class=HTMLResponse)
async def page(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """The page; everything on it can be read without JavaScript."""
    try:
        built = bundle(ENTRY)
    except (FileNotFoundError, KeyError):
        return HTMLResponse(f"<!doctype html><title>Not built</title><p>{NOT_BUILT}</p>", status_code=503)
    book: Book = request.app.state.accounts.book
    today = datetime.now(UTC).date()
    report, problem = await _report(request, today, asked.days)
    unpriced = [unknown_price(book, model) for model in request.app.state.accounts.unpriced()]
    models = [price.id for price in book if price.kind == "model" and price.id.startswith("databricks-")]
    response = templates.TemplateResponse(
        request,
        "costs.html",
        {
            **built,
            "name": request.app.state.settings.name,
            "asked": asked,
            "periods": PERIODS,
            "report": report,
            "problem": problem,
            "chart": _chart(report),
            "architectures": compare(asked.numbers(), book),
            "numbers": asked.numbers(),
            "models": models,
            "prices": [{**_priced(price), "old": price.old(today)} for price in book],
            "warnings": [*listing.old(book, today), *unpriced],
            "show": show,
        },
    )
    response.headers["cache-control"] = "no-store"
    return response


@router.get("/costs.csv", response_class=PlainTextResponse, responses={200: {"content": {"text/csv": {}}}})
async def table(request: Request, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """The period's bill lines for a spreadsheet."""
    today = datetime.now(UTC).date()
    try:
        rows = await _rows(request, today - timedelta(days=days - 1), today)
    except KeepingError as error:
        raise HTTPException(503, error.reason) from None
    name = f"visavis-costs-{today}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(to_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


async def _report(request: Request, today: date, days: int) -> tuple[Report, str]:
    """(report, why it is empty)."""
    since = today - timedelta(days=days - 1)
    try:
        return build(await _rows(request, since, today), since, today), ""
    except KeepingError as error:
        return build([], since, today), error.reason


async def _rows(request: Request, since: date, until: date) -> list[Spent]:
    keeper: Keeper | None = request.app.state.accounts.keeper
    if keeper is None:
        raise KeepingError("The records are still being opened. Please reload in a moment.")
    rows = await keeper.spent(since.isoformat(), until.isoformat(), by_owner=True)
    person = person_of(request)
    if request.app.state.identity.may_see_everyone(person):
        return [replace(row, owner=row.owner or "forgotten") for row in rows]
    return [replace(row, owner="you" if row.owner == person.name else "everyone else") for row in rows]


def _chart(report: Report) -> dict[str, Any]:
    """What the page's script draws: dollars by day."""
    return {
        "days": [one.name for one in report.days],
        "spent": [one.nano / 1e9 for one in report.days],
        "saved": [one.saved / 1e9 for one in report.days],
    }


def _priced(price: Any) -> dict[str, Any]:
    facts = {"rates": listing.rates(price), "source": price.source, "url": price.url, "day": price.day}
    return {"id": price.id, "kind": price.kind, "note": price.note, **facts}


def bars(sums: list[Sum], by: Literal["nano", "quantity"] = "nano") -> list[dict[str, Any]]:
    """*sums* with each one's part of the largest, from 0 to 100, for bars that need no script."""
    longest = max((getattr(one, by) for one in sums), default=0) or 1
    return [{**asdict(one), "part": round(100 * getattr(one, by) / longest, 1)} for one in sums]


templates.env.globals["bars"] = bars
