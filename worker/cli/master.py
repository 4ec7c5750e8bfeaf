"""`ptm keys`: which master keys seal what, and the rotation from one to the next."""

from __future__ import annotations

import typer

from worker.cli.output import Json, NeedsPerson, counting, out, show_json, table
from worker.cli.running import with_context
from worker.operations import master
from worker.operations.context import Context
from worker.operations.master import Key, Keys

app = typer.Typer(name="keys", help="The master keys: what is sealed under which, and the rotation.")
GIVEN = {
    "seals": "PTM_MASTER_KEY: seals",
    "opens": "PTM_MASTER_KEY_OLD: opens",
    "missing": "given by no setting",
}
AFTERWARDS = "Keep an earlier key as long as you keep a backup of the vault from before the rotation."


@app.command("list")
def list_(json: Json = False) -> None:
    """How many values are sealed under which key, and whether an earlier one may go."""
    found = with_context(master.read)
    if json:
        show_json([as_json(one) for one in found.keys])
    else:
        tell(found)
    if found.missing:
        raise NeedsPerson("a key is missing that values are sealed under: add it to PTM_MASTER_KEY_OLD")


def as_json(one: Key) -> dict[str, object]:
    return {
        "id": one.id,
        "given": one.given,
        "sealed": one.sealed,
        "count": one.count,
        "workers": [{"host": each.host, "pid": each.pid} for each in one.sealing],
        "may_go": one.may_go,
    }


def tell(found: Keys) -> None:
    rows = [(one.id, GIVEN[one.given], one.count, len(one.sealing), state(one)) for one in found.keys]
    out().print(table(["key", "given as", "#values", "#workers seal", "state"], rows))
    if any(one.may_go for one in found.keys):
        out().print(AFTERWARDS)


def state(one: Key) -> str:
    if one.may_go:
        return "may be thrown away"
    if one.given == "opens":
        return "still needed: ptm keys rotate"
    return "in use" if one.given == "seals" else "missing"


@app.command()
def rotate(json: Json = False) -> None:
    """Seal everything under PTM_MASTER_KEY that PTM_MASTER_KEY_OLD opens, while workers run that have both.

    Killed, it is begun again, and goes on where it stood.
    """

    async def run(context: Context) -> tuple[int, Keys]:
        with counting("sealed anew", quiet=json) as counts:
            done = await master.rotate(context, progress=counts)
        return done, await master.read(context)

    done, found = with_context(run)
    left = sum(one.count for one in found.keys[1:])
    if json:
        show_json({"sealed_anew": done, "left": left, "keys": [as_json(one) for one in found.keys]})
    else:
        out().print(f"{done} values were sealed anew.")
        tell(found)
    if left:
        raise NeedsPerson(f"{left} values are still under an earlier key: run it again")
