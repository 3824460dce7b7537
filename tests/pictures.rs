//! The pictures of the README are drawn from what the program prints.

use crate::support::Place;
use std::fmt::Write;
use std::path::Path;

/// What is typed, and what is shown of it.
const RUN: [&str; 2] = ["validate", "event-logs.ndjson"];

/// A character's width, and a line's height.
const CELL: (f64, f64) = (8.4, 20.0);

/// Columns and pixels around the text.
const COLUMNS: usize = 84;
const MARGIN: f64 = 20.0;

/// Colours of one picture: paper, text, dim text, and the terminal's red, green, yellow and cyan.
struct Palette {
    name: &'static str,
    paper: &'static str,
    edge: &'static str,
    text: &'static str,
    dim: &'static str,
    colours: [(u8, &'static str); 4],
}

const PALETTES: [Palette; 2] = [
    Palette {
        name: "light",
        paper: "#ffffff",
        edge: "#d0d7de",
        text: "#1f2328",
        dim: "#59636e",
        colours: [
            (31, "#c1121f"),
            (32, "#116329"),
            (33, "#8a5a00"),
            (36, "#0b6e82"),
        ],
    },
    Palette {
        name: "dark",
        paper: "#0d1117",
        edge: "#30363d",
        text: "#e6edf3",
        dim: "#8b949e",
        colours: [
            (31, "#ff7b72"),
            (32, "#56d364"),
            (33, "#e3b341"),
            (36, "#76d9e6"),
        ],
    },
];

/// Characters that look alike.
#[derive(Clone, Default, PartialEq)]
struct Style {
    bold: bool,
    dim: bool,
    colour: Option<u8>,
}

/// A line as pieces, each with its style.
fn pieces(line: &str, style: &mut Style) -> Vec<(Style, String)> {
    let mut pieces = Vec::new();
    for (at, part) in line.split('\u{1b}').enumerate() {
        let text = if at == 0 {
            part
        } else {
            let (codes, text) = part
                .strip_prefix('[')
                .and_then(|part| part.split_once('m'))
                .expect("a style");
            for code in codes.split(';') {
                match code.parse().expect("a number") {
                    0_u8 => *style = Style::default(),
                    1 => style.bold = true,
                    2 => style.dim = true,
                    colour => style.colour = Some(colour),
                }
            }
            text
        };
        if !text.is_empty() {
            pieces.push((style.clone(), text.to_owned()));
        }
    }
    pieces
}

fn drawn(text: &str, palette: &Palette) -> String {
    let lines = text.lines().count();
    let width = CELL.0 * f64::from(u32::try_from(COLUMNS).expect("few")) + 2.0 * MARGIN;
    let height = CELL.1 * f64::from(u32::try_from(lines).expect("few")) + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n\
         <title>hivelog {}</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\" fill=\"{}\" style=\"white-space:pre\">\n",
        RUN.join(" "),
        width - 1.0,
        height - 1.0,
        palette.paper,
        palette.edge,
        palette.text,
    );
    let mut style = Style::default();
    for (row, line) in text.lines().enumerate() {
        let y = MARGIN + CELL.1 * f64::from(u32::try_from(row).expect("few")) + 14.0;
        let mut column = 0_u32;
        for (style, piece) in pieces(line, &mut style) {
            let cells = |text: &str| u32::try_from(text.chars().count()).expect("few");
            let blanks = cells(&piece) - cells(piece.trim_start());
            let x = MARGIN + CELL.0 * f64::from(column + blanks);
            column += cells(&piece);
            // Viewers do not agree on what becomes of blanks at either end.
            let piece = piece.trim();
            if piece.is_empty() {
                continue;
            }
            let colour = style.colour.map_or(palette.text, |wanted| {
                let mut known = palette.colours.iter();
                known.find(|(code, _)| *code == wanted).expect("a colour").1
            });
            let colour = if style.dim { palette.dim } else { colour };
            let weight = if style.bold {
                " font-weight=\"bold\""
            } else {
                ""
            };
            // Each piece has a place and a length of its own: fonts differ.
            let length = CELL.0 * f64::from(cells(piece));
            let shown = piece
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.0}\" textLength=\"{length:.1}\" \
                 lengthAdjust=\"spacingAndGlyphs\" fill=\"{colour}\"{weight}>{shown}</text>"
            );
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

#[test]
fn generated_pictures_show_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::new();
    let sample = std::fs::read(root.join("examples/event-logs.ndjson")).expect("the sample");
    place.file("event-logs.ndjson", sample);
    let ended = place
        .hivelog(["--color", "always"].iter().chain(&RUN))
        .env("COLUMNS", COLUMNS.to_string())
        .run()
        .exits(1);
    let text = format!(
        "\u{1b}[2m$\u{1b}[0m \u{1b}[1mhivelog {}\u{1b}[0m\n{}",
        RUN.join(" "),
        ended.text()
    );
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    for palette in &PALETTES {
        let name = format!("docs/pictures/validate-{}.svg", palette.name);
        assert!(readme.contains(&name), "the README shows {name}");
        let svg = drawn(&text, palette);
        crate::generated::compare_file(&root.join(name), svg.as_bytes());
    }
}
