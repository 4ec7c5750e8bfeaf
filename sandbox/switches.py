"""What the public facts leave open about the two services, each as one switch that can be thrown while running."""

from __future__ import annotations

from dataclasses import dataclass, fields


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
    activation_parameter: str = "requestId"
    """What the callback of an activation link calls the id of its request."""
    plain_api_is_old: bool = False
    """Whether the list under plain `/api` lacks counterParty, newDueDate, creatorId and isOffer, as before 26.04."""
    empty_list_is_404: bool = False
    missing_rights_are_403: bool = False
    """Without a right: 403 instead of empty data."""

    trustmary_schemes: str = "apikey"
    """Scheme words taken in the Authorization header, separated by commas."""
    wrapped_lists: bool = True
    """`{"lists": [...]}` instead of a bare array; contacts and surveys alike."""
    echo_email: bool = True
    """Whether a contact object names its e-mail."""
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
        for name, value in changes.items():
            setattr(self, name, value)
