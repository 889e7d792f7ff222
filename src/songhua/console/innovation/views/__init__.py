"""Views read the request, call one service or selector, and answer."""

from songhua.console.innovation.views.achievement_tables import (
    achievements_export,
    achievements_import,
    achievements_template,
)
from songhua.console.innovation.views.achievements import (
    achievement,
    achievement_act,
    achievement_new,
    achievements,
    stage_file,
)
from songhua.console.innovation.views.challenge_files import (
    bid_paper,
    challenge_draw,
    milestone_file,
)
from songhua.console.innovation.views.challenge_forms import (
    bid_new,
    challenge_edit,
    challenge_new,
)
from songhua.console.innovation.views.challenge_panels import challenge_panel, challenge_panels
from songhua.console.innovation.views.challenges import challenge, challenge_step, challenges
from songhua.console.innovation.views.experts import expert, experts

__all__ = [
    "achievement", "achievement_act", "achievement_new", "achievements", "achievements_export",
    "achievements_import", "achievements_template", "bid_new", "bid_paper",
    "challenge", "challenge_draw", "challenge_edit", "challenge_new", "challenge_panel",
    "challenge_panels", "challenge_step", "challenges", "expert", "experts", "milestone_file",
    "stage_file",
]  # fmt: skip
