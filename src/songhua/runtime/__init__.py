"""Where tables are kept between a computation and a decision."""
