"""Views read the request, call one service or selector, and answer."""

from songhua.console.consultation.views.desk import (
    consultation_desk,
    consultation_new,
    consultation_step,
)
from songhua.console.consultation.views.public import (
    adoption_file,
    consultation,
    consultation_redline,
    consultations,
    opinion_answer,
    opinion_new,
)

__all__ = [
    "adoption_file", "consultation", "consultation_desk", "consultation_new",
    "consultation_redline", "consultation_step", "consultations", "opinion_answer", "opinion_new",
]  # fmt: skip
