"""From a need to a result: open challenges, and the experts who judge them."""
