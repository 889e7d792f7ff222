"""Data shared between departments: the way of a request, and by when each step is due."""

from songhua.governance.sharing.deadlines import Deadline, Light, due_on, light
from songhua.governance.sharing.flow import Flow, Guard, standard

__all__ = ["Deadline", "Flow", "Guard", "Light", "due_on", "light", "standard"]
