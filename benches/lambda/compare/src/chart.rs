//! The chart of how cost grows: a panel for each series, with a bar of CPU and one of p50 for each shape.

use std::fmt::Write;
use std::time::Duration;

use crate::cost::{Cost, Series};

const PANEL_HEIGHT: usize = 36;
const BAR_HEIGHT: usize = 14;
const COST_HEIGHT: usize = 2 * BAR_HEIGHT + 10;
const WIDTH: usize = 760;
const LABEL_WIDTH: usize = 232;
const LONGEST_BAR: f64 = 440.0;

/// Readable on a light and on a dark page.
const STYLE: &str = "<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.label { text-anchor: end }
.cpu { fill: #bc4c00 }
.p50 { fill: #54aeff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.cpu { fill: #f0883e }
.p50 { fill: #388bfd }
}
</style>
";

/// Draws `measured` in SVG. All bars have one scale.
pub fn draw(measured: &[Series]) -> String {
    let times = measured.iter().flat_map(|series| &series.costs).flat_map(|cost| [cost.cpu, cost.response]);
    let longest = times.max().unwrap_or_default();
    let mut drawing = Drawing { svg: String::new(), y: 34, longest };
    for series in measured {
        drawing.panel(series.title, &series.costs);
    }
    let height = drawing.y + 8;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} \
         {height}\" role=\"img\" aria-label=\"CPU and p50 of a warm request, by what it asks for\">\n{STYLE}{}{}</svg>\n",
        legend(),
        drawing.svg
    )
}

fn legend() -> String {
    let entry = |x, class, name| {
        format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"8\" width=\"12\" height=\"12\"/><text x=\"{}\" y=\"19\">{name}</text>\n",
            x + 18
        )
    };
    entry(LABEL_WIDTH, "cpu", "CPU") + &entry(LABEL_WIDTH + 70, "p50", "p50, event to response")
}

struct Drawing {
    svg: String,
    y: usize,
    longest: Duration,
}

impl Drawing {
    fn panel(&mut self, title: &str, costs: &[Cost]) {
        self.text("title", 8, self.y + 18, title);
        self.y += PANEL_HEIGHT;
        for cost in costs {
            self.text("label", LABEL_WIDTH - 10, self.y + BAR_HEIGHT + 4, cost.label);
            self.bar("cpu", self.y, cost.cpu);
            self.bar("p50", self.y + BAR_HEIGHT, cost.response);
            self.y += COST_HEIGHT;
        }
    }

    fn bar(&mut self, class: &str, y: usize, time: Duration) {
        let width = LONGEST_BAR * time.as_secs_f64() / self.longest.as_secs_f64();
        let height = BAR_HEIGHT - 2;
        self.line(&format!(
            "<rect class=\"{class}\" x=\"{LABEL_WIDTH}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\"/>"
        ));
        let end = format!("{:.1}", LABEL_WIDTH as f64 + width + 6.0);
        self.line(&format!("<text x=\"{end}\" y=\"{}\">{:.1} ms</text>", y + 11, time.as_secs_f64() * 1e3));
    }

    fn text(&mut self, class: &str, x: usize, y: usize, text: &str) {
        self.line(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"));
    }

    fn line(&mut self, line: &str) {
        writeln!(self.svg, "{line}").expect("writing to memory cannot fail");
    }
}
