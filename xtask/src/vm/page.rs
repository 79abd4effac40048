//! A page of what the cards showed, with the table of results.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::report::{Report, Row};
use crate::error::{Error, Result};

/// A picture of a run's, beside the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    file: String,
    title: String,
}

const HEAD: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Paravane in virtual machines</title>\n\
<style>body{font-family:sans-serif;max-width:75em;margin:auto}table{border-collapse:collapse}\
td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top}\
figure{display:inline-block;margin:.5em}img{width:24em;border:1px solid #bbb}\
.bad{background:#fdd}</style>\n";

/// Writes `index.html` into `folder`, and the pictures in `results` beside it.
pub(super) fn write(folder: &Path, title: &str, report: &Report, results: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
    }
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut pictures = Vec::new();
    for row in &report.rows {
        let from = results.join(&row.test).join(&row.card);
        pictures.extend(copy(&from, folder, row)?);
    }
    let page = folder.join("index.html");
    fs::write(&page, html(title, report, &pictures)).map_err(Error::io("write", &page))
}

fn copy(from: &Path, to: &Path, row: &Row) -> Result<Vec<Picture>> {
    let entries = fs::read_dir(from).into_iter().flatten();
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .collect();
    paths.sort();
    let mut pictures = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let file = format!("{}-{}-{name}.png", row.test, row.card);
        fs::copy(&path, to.join(&file)).map_err(Error::io("copy", &path))?;
        let title = format!("{} on {}: {name}", row.test, row.card);
        pictures.push(Picture { file, title });
    }
    Ok(pictures)
}

fn html(title: &str, report: &Report, pictures: &[Picture]) -> String {
    let mut page = format!(
        "{HEAD}<h1>Paravane in virtual machines</h1>\n<p>{}\n",
        escape(title)
    );
    page.push_str(
        "<table>\n<tr><th>test<th>card<th>boot s<th>all s<th>QEMU's CPU s<th>back end's CPU s\
         <th>result\n",
    );
    report.rows.iter().for_each(|row| page.push_str(&line(row)));
    let _ = writeln!(page, "</table>\n<p>{}", escape(&report.summary()));
    for Picture { file, title } in pictures {
        let title = escape(title);
        let _ = writeln!(
            page,
            "<figure><a href=\"{file}\"><img src=\"{file}\" alt=\"{title}\"></a>\
             <figcaption>{title}</figcaption></figure>"
        );
    }
    page
}

fn line(row: &Row) -> String {
    let class = if row.has_failed() {
        " class=\"bad\""
    } else {
        ""
    };
    let seconds = row.seconds().join("<td>");
    let mut result = escape(&row.result());
    for note in &row.notes {
        let _ = write!(result, "<br>{}", escape(note));
    }
    let (test, card) = (escape(&row.test), escape(&row.card));
    format!("<tr{class}><td>{test}<td>{card}<td>{seconds}<td>{result}\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Picture, Report, Row, html};
    use crate::clients::Outcome;
    use crate::vm::session::Figures;

    #[test]
    fn a_page_shows_rows_and_pictures() {
        let row = Row {
            test: "bars".to_owned(),
            card: "paravane".to_owned(),
            outcome: Outcome::Failed("a < b & c".to_owned()),
            figures: Figures::default(),
            notes: vec!["Linux 7.2".to_owned()],
        };
        let picture = Picture {
            file: "bars-paravane-bars.png".to_owned(),
            title: "bars on paravane: bars".to_owned(),
        };
        let report = Report { rows: vec![row] };
        let page = html("QEMU 11.1", &report, &[picture]);
        assert!(page.contains("<tr class=\"bad\"><td>bars<td>paravane<td>-<td>-"));
        assert!(page.contains("FAILED: a &lt; b &amp; c<br>Linux 7.2"));
        assert!(page.contains("<img src=\"bars-paravane-bars.png\""));
        assert!(page.contains("0 passed, 1 failed, 0 skipped"));
    }
}
