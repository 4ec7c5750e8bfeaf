"""Dark, light and high contrast; every colour of the console is one of these tokens."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="ptm-dark", dark=True, primary="#7aa2f7", secondary="#bb9af7", accent="#7dcfff", foreground="#d5d9e6",
    background="#16161e", surface="#1a1b26", panel="#24283b", success="#9ece6a", warning="#e0af68", error="#f7768e",
)  # fmt: skip
LIGHT = Theme(
    name="ptm-light", dark=False, primary="#1d5fbf", secondary="#6f42c1", accent="#00718f", foreground="#1f2328",
    background="#ffffff", surface="#f6f8fa", panel="#e7ebf0", success="#116329", warning="#8a5a00", error="#b31d28",
)  # fmt: skip
CONTRAST = Theme(
    name="ptm-contrast", dark=True, primary="#ffff00", secondary="#ffffff", accent="#00ffff", foreground="#ffffff",
    background="#000000", surface="#000000", panel="#262626", success="#00ff00", warning="#ffff00", error="#ff8080",
)  # fmt: skip
THEMES = (DARK, LIGHT, CONTRAST)
