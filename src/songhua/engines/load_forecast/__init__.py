"""Heat load forecasts, hour by hour, with what is known when they are issued.

`record` is a plant's past, `issued` are the moments of forecasting with their weather forecasts.
`signature` explains the load by weather and calendar, `recent` tells how far it was off lately,
`trees` find what is left, and `intervals` how wrong it all was out of sample. `forecaster` joins
them; `weather_error` and `scores` tell what a forecast is worth.
"""
