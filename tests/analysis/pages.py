#!/usr/bin/python3
"""What a drawn page looks like: ink at its edge, texts that lie on each other."""
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

TOUCHING = 1.5  # pixels by which the boxes of two texts may overlap: more than a rounding


def edge_of(figure):
    """The outermost pixels of a figure: all white unless something runs off the page."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def overlapping_texts(figure):
    """The texts that cover each other: ["one | other", ...]."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    hidden = _ticks_off_their_axis(figure)
    shown = [text for text in figure.findobj(Text)
             if text.get_text().strip() and text.get_visible() and text not in hidden]
    boxes = [(text, text.get_window_extent(renderer)) for text in shown
             if text.get_rotation() in (0, 90)]
    return [f"{one.get_text()} | {other.get_text()}"
            for i, (one, box) in enumerate(boxes) for other, other_box in boxes[i + 1:]
            if _overlap(box, other_box)]


def _ticks_off_their_axis(figure):
    """Ticks outside the view have labels too, which are not drawn."""
    hidden = set()
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            if not low <= tick.get_loc() <= high:
                hidden |= {tick.label1, tick.label2}
    return hidden


def _overlap(one, other):
    return (min(one.x1, other.x1) - max(one.x0, other.x0) > TOUCHING
            and min(one.y1, other.y1) - max(one.y0, other.y0) > TOUCHING)
