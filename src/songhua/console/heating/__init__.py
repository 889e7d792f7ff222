"""A heating plant on duty: what it measures now, what is proposed to it, what it answered.

`layout` and `metrics` say what a plant consists of and what it measures; `readings` reads the
telemetry that the exchange has stored; `indicators`, `alarms`, `balance` and `pressures` compute on
it; `pictures` and `network` draw it. Commands are proposed, decided on by a person, carried by the
`services`, and answered by the plant. `simulation` stands in for a plant where there is none.
"""
