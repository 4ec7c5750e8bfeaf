"""What the public facts leave open about the two services, each as one switch that can be thrown while running."""

from __future__ import annotations

from dataclasses import dataclass, fields
from zoneinfo import available_timezones

_STATUSES = frozenset(
    {"api_off_status", "bad_grant_status", "over_limit_status", "suspended_status", "bad_key_status"}
    | {"maintenance_status", "unknown_automation"}
    | {"other_content_type", "created_status", "unknown_list", "unknown_contact", "unfit_status"}
)
_OR_NONE = frozenset({"other_content_type", "unknown_list"})
"""0 passes it over."""
WORDS = {
    "token_errors": ("errors", "oauth", "text"),
    "repeated_keys": ("first", "all", "refuse"),
    "error_shape": ("errors", "constraintViolations"),
    "empty_as": ("null", "absent"),
    "gone_version": ("page", "errors"),
    "api_off_at": ("login", "token", "call"),
    "trustmary_errors": ("message", "text", "empty"),
    "list_filters": ("query", "body"),
    "strange_fields": ("ignore", "refuse"),
    "omitted_fields": ("keep", "clear"),
    "empty_fields": ("keep", "clear"),
    "update_starts": ("any", "change", "never"),
    "hook_contact": ("inside", "beside"),
    "undefined_fields": ("accept", "ignore", "refuse"),
}
"""The positions of what is no free text."""


@dataclass(slots=True, kw_only=True)
class Switches:
    access_token_seconds: int = 3600
    code_seconds: int = 300
    redirect_uri: str = ""
    """The one redirect URI kept for the client; empty accepts any without a query string."""
    token_errors: str = "errors"
    """Body of a refused token request: `errors` (the API's own shape), `oauth` (error, error_description) or `text`."""
    rotate_refresh: bool = False
    """Whether a refresh answers with a new refresh token too."""
    version_on_send: bool = True
    version_on_payment: bool = True
    version_range_inclusive: bool = True
    ids_of_each_company: bool = False
    """Whether every company counts its own ids, as Procountor does: then two have the same, and the books mix them."""
    local_zone: str = "Europe/Helsinki"
    """The zone of stamps, which do not say it."""
    zoned_ranges: bool = False
    """Whether a range may be given with a Z or an offset; else it is a 400."""
    repeated_keys: str = "first"
    """A list given as a repeated key instead of with commas: its `first` value counts, `all`, or `refuse` (400)."""
    error_shape: str = "errors"
    """`errors`, or the older `constraintViolations` for a 400."""
    empty_as: str = "null"
    """Whether a field that is empty is `null` or `absent`."""
    oldest_version: str = "v2303"
    """Paths of versions before it are gone."""
    supported_version: str = "v2411"
    """What `/supported` means."""
    counter_party_since: str = "v2412"
    """From which version on the list has counterParty: one after v2411, up to v2604."""
    gone_version: str = "page"
    """The 404 of a version's path that is not served: a `page`, or `errors`."""
    api_off_at: str = "token"
    """Where a company that does not allow API clients is refused: `login`, `token` or `call`."""
    api_off_status: int = 403
    key_grant_needs_redirect: bool = False
    """Whether client_credentials is refused without a redirect_uri."""
    bad_grant_status: int = 401
    """For a revoked or unknown API key or refresh token."""
    old_refresh_dies: bool = False
    """Whether a refresh token that was replaced works no more."""
    api_only_keylogin: bool = False
    """Whether a user who may come in by an API key only may fetch one from `/keylogin`."""
    login_tells_expiry: bool = False
    """Whether the code of `/login`, too, comes back with expires_in."""
    logout_lives: bool = True
    requests_per_second: int = 0
    """More than so many within a second, by one client, are refused; 0 counts nothing."""
    requests_per_minute: int = 0
    over_limit_status: int = 429
    over_limit_retry_after: bool = False
    suspended_after: int = 0
    """After so many refused requests the client is suspended; 0 is never."""
    suspended_seconds: int = 600
    suspended_status: int = 403
    maintenance_status: int = 503
    """Of the page that a maintenance window answers with, at either service."""
    activation_parameter: str = "requestId"
    """What the callback of an activation link calls the id of its request."""
    plain_api_is_old: bool = False
    """Whether the list under plain `/api` lacks counterParty, newDueDate, creatorId and isOffer, as before 26.04."""
    empty_list_is_404: bool = False
    missing_rights_are_403: bool = False
    """Without a right: 403 instead of empty data."""

    trustmary_schemes: str = "apikey"
    """Scheme words taken in the Authorization header, separated by commas."""
    bad_key_status: int = 401
    """For a key that is none; 200 lets /test answer with a message alone, which the vendor's own plugin expects."""
    trustmary_errors: str = "message"
    """Body of a refusal: JSON with a `message`, `text`, or `empty`."""
    unfit_status: int = 400
    """Of a call that is not as it should be: 400, or perhaps 422."""
    other_content_type: int = 400
    """Status for a body that is not sent as application/json; 0 reads it all the same."""
    created_status: int = 200
    """Of an upsert that created its contact, or of a new webhook."""
    wrapped_lists: bool = True
    """`{"lists": [...]}` instead of a bare array; contacts, surveys and all else but automations alike."""
    list_filters: str = "query"
    """Where GET /lists and /surveys look for `type` and `offset`: in the `query`, or in the `body`."""
    survey_lists_shown: bool = True
    """Whether GET /lists has the lists that surveys make for themselves."""
    deleted_shown: bool = False
    """Whether GET /lists and /surveys have what was deleted."""
    echo_email: bool = True
    """Whether a contact object names its e-mail."""
    default_type: str = "customer"
    """The type of a contact that was given none; empty leaves it out."""
    update_action: str = "IMPORT_UPDATE"
    """The `action` of an upsert that created nothing."""
    takes_first_and_last: bool = False
    """Whether `firstname` and `lastname` may be written."""
    strange_fields: str = "ignore"
    """A name in an upsert's body that nobody knows: `ignore` or `refuse` (400)."""
    omitted_fields: str = "keep"
    """What an update does to a field that it does not name: `keep` or `clear`."""
    empty_fields: str = "keep"
    """What an update does to a field that it gives as empty: `keep` or `clear`."""
    upsert_resubscribes: bool = False
    """Whether an upsert makes an unsubscribed contact active again."""
    takes_add_to_list: bool = False
    """Whether the older name `addToList` still counts; else it is a name that nobody knows."""
    segment_list_key: str = "listId"
    """The list's key in an item of addToLists that has a segment."""
    segment_restarts: bool = True
    """Whether a segment starts the list's automation for one who is on the list already."""
    update_starts: str = "any"
    """What starts an automation on "contact updated on list": `any` upsert, one that makes a `change`, or `never`."""
    trigger_needs_contact: bool = True
    """Whether an automation is started only for a contact that is there; else it is made."""
    trigger_needs_manual: bool = False
    """Whether only an automation with a manual trigger can be started."""
    hook_contact: str = "inside"
    """Where a webhook's payload has the contact: `inside` the answer or `beside` it."""
    unknown_list: int = 404
    """Status for an unknown list id in addToLists or removeFromLists; 0 ignores the id."""
    undefined_fields: str = "accept"
    """A custom field that Trustmary does not define: `accept`, `ignore` or `refuse` (400)."""
    defined_fields: str = "field_invoice"
    """The custom fields that are defined, separated by commas."""
    readded_starts: bool = False
    """Whether adding a member to a list once more starts its survey once more."""
    readded_counts: bool = False
    """Whether listsUpdated counts a list that the contact was already on."""
    revive_deleted: bool = True
    """Whether an upsert brings a deleted contact back."""
    unknown_automation: int = 404
    """Status of starting an automation that is not there."""
    unknown_contact: int = 404
    """Status of a DELETE for an unknown e-mail."""

    def throw(self, changes: dict[str, object]) -> None:
        """Set switches by name; an unknown name or a value of another type is an error that names it."""
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"no switch {name!r}; there are: {', '.join(sorted(known))}")
            if type(value) is not known[name]:
                raise ValueError(f"switch {name!r} takes {known[name].__name__}, not {value!r}")
            if not _sensible(name, value):
                raise ValueError(f"switch {name!r} has no position {value!r}")
        for name, value in changes.items():
            setattr(self, name, value)


def _sensible(name: str, value: object) -> bool:
    if name == "local_zone":
        return value in available_timezones()
    if name in WORDS:
        return value in WORDS[name]
    if name in _STATUSES:
        return value in range(200, 600) or (value == 0 and name in _OR_NONE)
    return not isinstance(value, int) or 0 <= value <= 1_000_000_000
