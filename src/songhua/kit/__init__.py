"""The few ideas every other floor shares. Nothing here knows a programme, a file or a web page."""
