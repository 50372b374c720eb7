#!/usr/bin/python3
"""A page for panels: head with title, subtitle and legend, and panels placed in inches below it.

Every figure comes in two widths: WIDE for a screen or paper, NARROW for a phone.
"""
import math
import textwrap

from matplotlib.figure import Figure

from analysis.style import SOFT_INK

WIDE, NARROW = 10.4, 4.6
EDGE_INCHES = 0.15
TITLE_INCHES, LINE_INCHES = 0.42, 0.16
SYMBOL_INCHES, LETTER_INCHES = 0.5, 0.068  # of a legend's entry


def is_narrow(width):
    """Whether a page is meant for a phone."""
    return width < 7


class Sheet:
    """A figure whose content area, `inner` inches high, begins below its head.

        sheet = Sheet("Title", "subtitle", 3.0, WIDE, handles)
        ax = sheet.axes(left=0.85, top=0.3, width=8, height=2)
    """

    def __init__(self, title, subtitle, inner, width=WIDE, handles=()):
        self.width = width
        headings = _wrap_parts(title.replace(" / ", "\xa0/\xa0"), int((width - 0.3) / 0.105), " ")
        lines = _wrap_parts(subtitle, int((width - 0.3) / 0.0715))
        columns, rows = _legend_shape(handles, width)
        below_title = 0.22 * (len(headings) - 1)
        down = TITLE_INCHES + below_title + LINE_INCHES * len(lines)
        self.head = down + 0.19 * rows
        self.height = self.head + inner
        self.figure = Figure(figsize=(width, self.height))
        self._write(0.14, "\n".join(headings), fontsize=13 if not is_narrow(width) else 12,
                    weight="bold")
        self._write(0.39 + below_title, "\n".join(lines), fontsize=8.5, color=SOFT_INK)
        if handles:
            place = EDGE_INCHES / width, 1 - (down - 0.01) / self.height
            self.figure.legend(handles=in_rows(handles, columns), loc="upper left", ncol=columns,
                               bbox_to_anchor=place, handlelength=1.6, columnspacing=1.3,
                               borderaxespad=0, borderpad=0.2)

    def _write(self, down, text, **how):
        self.figure.text(EDGE_INCHES / self.width, 1 - down / self.height, text, va="top", **how)

    def axes(self, left, top, width, height, **how):
        """Axes in inches; `top` counts down from the end of the head."""
        return self.figure.add_axes([left / self.width,
                                     1 - (self.head + top + height) / self.height,
                                     width / self.width, height / self.height], **how)

    def stack(self, heights, gap, left=0.85, right=1.0, top=0.25, share_x=True):
        """Panels below each other with one x axis, labelled at the last."""
        panels, width = [], self.width - left - right
        for height in heights:
            shared = {"sharex": panels[0]} if panels and share_x else {}
            panels.append(self.axes(left, top, width, height, **shared))
            top += height + gap
        for ax in panels[:-1] if share_x else []:
            ax.tick_params(labelbottom=False)
        self.figure.align_ylabels(panels)
        return panels


def stack_inches(heights, gap, top=0.25, bottom=0.55):
    """How much room Sheet.stack() takes."""
    return top + sum(heights) + gap * max(len(heights) - 1, 0) + bottom


def in_rows(handles, columns):
    """The order in which matplotlib, which fills columns, puts them down row by row."""
    return [handle for column in range(columns) for handle in handles[column::columns]]


def _wrap_parts(text, letters, between="   "):
    """Lines of whole parts, which stand three blanks apart: no number loses its unit."""
    kept = between.join(part.replace(" ", "\xa0") for part in text.split(between))
    return [line.replace("\xa0", " ") for line in textwrap.wrap(kept, letters)] or [""]


def _legend_shape(handles, width):
    if not handles:
        return 0, 0
    longest = max(len(handle.get_label()) for handle in handles)
    mean = sum(len(handle.get_label()) for handle in handles) / len(handles)
    one = SYMBOL_INCHES + LETTER_INCHES * (longest + mean) / 2
    columns = max(1, min(len(handles), int((width - 0.3) / one)))
    return columns, math.ceil(len(handles) / columns)
