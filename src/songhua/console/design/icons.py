"""Our own line icons: the inside of a 24 x 24 drawing, strokes in the text's colour."""
# ruff: noqa: E501  (a drawing is one line)

ICONS: dict[str, str] = {
    "home": '<path d="M4 11.5 12 5l8 6.5"/><path d="M6 10v9h12v-9"/><path d="M10 19v-5h4v5"/>',
    "list": '<path d="M9 6.5h11M9 12h11M9 17.5h11"/><path d="M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01" '
    'stroke-width="2.6"/>',
    "table": '<rect x="3.5" y="5" width="17" height="14" rx="1.5"/><path d="M3.5 9.7h17M3.5 14.4h17'
    'M9.5 9.7V19"/>',
    "bell": '<path d="M6.5 16.5v-5a5.5 5.5 0 0 1 11 0v5l1.5 1.5H5z"/><path d="M10.3 20.5h3.4M12 4v2"/>',
    "check": '<path d="m5 12.8 4.6 4.4L19 7.4"/>',
    "clock": '<circle cx="12" cy="12" r="8.2"/><path d="M12 7.4V12l3.2 2.2"/>',
    "document": '<path d="M6.5 3.8h7.6l3.9 4v12.4H6.5z"/><path d="M13.8 4v4.2H18M9.2 12.4h5.8M9.2 16h5.8"/>',
    "map": '<path d="m4 6.8 5.3-2 5.4 2 5.3-2v12.4l-5.3 2-5.4-2-5.3 2z"/><path d="M9.3 4.8v12.4M14.7 6.8v12.4"/>',
    "chart": '<path d="M4.5 4.5v15h15"/><path d="M8.6 16v-4M12.6 16V8.4M16.6 16v-6"/>',
    "upload": '<path d="M12 15.5V5M7.8 8.8 12 4.6l4.2 4.2"/><path d="M4.5 15.5v4h15v-4"/>',
    "download": '<path d="M12 4.5V15M7.8 11.2l4.2 4.2 4.2-4.2"/><path d="M4.5 15.5v4h15v-4"/>',
    "shield": '<path d="M12 3.6 19 6v5.4c0 4.3-2.8 7.4-7 9-4.2-1.6-7-4.7-7-9V6z"/><path d="m8.8 12 2.3 2.2 4.2-4.4"/>',
    "heart-pulse": '<path d="M12 19.6C6 15.7 3.6 12.6 3.6 9.3A4.4 4.4 0 0 1 12 7.4a4.4 4.4 0 0 1 8.4 1.9'
    'c0 3.3-2.4 6.4-8.4 10.3z"/><path d="M6.6 12.4h2.7l1.5-2.8 2.2 4.8 1.4-2h3"/>',
    "users": '<circle cx="9" cy="8.6" r="3.3"/><path d="M3.4 19.4c0-3.4 2.4-5.2 5.6-5.2s5.6 1.8 5.6 5.2"/>'
    '<path d="M15.4 5.6a3.2 3.2 0 0 1 0 6M17.4 14.6c2 .7 3.2 2.3 3.2 4.8"/>',
    "search": '<circle cx="10.6" cy="10.6" r="6.1"/><path d="m15.2 15.2 4.6 4.6"/>',
    "sun": '<circle cx="12" cy="12" r="3.8"/><path d="M12 3.2v2M12 18.8v2M3.2 12h2M18.8 12h2M5.8 5.8l1.4 1.4'
    'M16.8 16.8l1.4 1.4M5.8 18.2l1.4-1.4M16.8 7.2l1.4-1.4"/>',
    "moon": '<path d="M19.6 14.2A8 8 0 1 1 9.8 4.4a6.4 6.4 0 0 0 9.8 9.8z"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "language": '<circle cx="12" cy="12" r="8.2"/><path d="M3.8 12h16.4M12 3.8c5 4.6 5 11.8 0 16.4'
    'M12 3.8c-5 4.6-5 11.8 0 16.4"/>',
    "sign-out": '<path d="M13.5 4.5h-8v15h8"/><path d="M10 12h10M16.4 8.2 20.2 12l-3.8 3.8"/>',
    "arrow": '<path d="M4.5 12h15M13.6 6.2l5.9 5.8-5.9 5.8"/>',
    "back": '<path d="M19.5 12h-15M10.4 6.2 4.5 12l5.9 5.8"/>',
    "warning": '<path d="M12 4.4 21 19.6H3z"/><path d="M12 10v4.4M12 17h.01"/>',
    "flag": '<path d="M5.5 20.4V4.2"/><path d="M5.5 5c4.4-2.4 7.6 2.2 13 0v8.2c-5.4 2.2-8.6-2.4-13 0"/>',
    "layers": '<path d="m12 4 8.6 4.4L12 12.8 3.4 8.4z"/><path d="m4.6 12.2 7.4 3.8 7.4-3.8M4.6 15.9l7.4 3.8 7.4-3.8"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7.5 8.5V4h9v4.5"/><rect x="4" y="8.5" width="16" height="8" rx="1.5"/><path d="M7.5 14h9v6h-9z"/>',
    "edit": '<path d="M4.5 19.5 5.6 15 15.8 4.8l3.4 3.4L9 18.4z"/><path d="m13.4 7.2 3.4 3.4"/>',
    "link": '<path d="M10 14a3.6 3.6 0 0 0 5.2.2l3.3-3.3a3.7 3.7 0 0 0-5.3-5.2l-1.4 1.4"/>'
    '<path d="M14 10a3.6 3.6 0 0 0-5.2-.2l-3.3 3.3a3.7 3.7 0 0 0 5.3 5.2l1.4-1.4"/>',
    "info": '<circle cx="12" cy="12" r="8.2"/><path d="M12 11v5M12 8h.01"/>',
    "settings": '<path d="M4 7.5h9M17 7.5h3M4 16.5h3M11 16.5h9"/><circle cx="15" cy="7.5" r="2.1"/>'
    '<circle cx="9" cy="16.5" r="2.1"/>',
}  # fmt: skip

# Each light has its own outline, so that a black-and-white print or a colour-blind eye reads it:
# tick in a disc, triangle, crossed octagon, flag in a square, empty dashed ring.
SHAPES: dict[str, str] = {
    "green": '<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="m4.8 8.3 2.2 2.2 4.2-4.6" class="mark"/>',
    "yellow": '<path d="M8 .9 15.6 14.6H.4z" fill="currentColor" stroke="currentColor" stroke-linejoin="round"/>'
    '<path d="M8 5.6v4M8 12.1v.1" class="mark"/>',
    "red": '<path d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" fill="currentColor"/>'
    '<path d="m5.3 5.3 5.4 5.4M10.7 5.3l-5.4 5.4" class="mark"/>',
    "blue": '<rect x="1" y="1" width="14" height="14" rx="2.5" fill="currentColor"/>'
    '<path d="M5 12.6V3.8h6.2L9.6 6l1.6 2.2H5" class="mark"/>',
    "grey": '<circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" stroke-width="1.7" '
    'stroke-dasharray="2.7 2.1"/>',
}  # fmt: skip
