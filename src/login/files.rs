//! The files of the pages: a stylesheet for all, and one for each colour; a mark in that colour; and a script, which says
//! of a password that is typed which rules it meets.

use crate::{
    kit::{http, secret},
    setting,
};
use poem::{Request, Response, http::Method};
use std::sync::LazyLock;
use tenantry_assets::PALETTE;

static STYLE: LazyLock<String> = LazyLock::new(|| PALETTE.to_owned() + include_str!("style.css"));
const SCRIPT: &str = include_str!("password.js");
/// The names change with what is in the files.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The name of the stylesheet, with a hash of what it says.
pub(super) static STYLE_NAME: LazyLock<String> = LazyLock::new(|| format!("style-{}.css", hash_of(&STYLE)));
/// The name of the script.
pub(super) static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| format!("password-{}.js", hash_of(SCRIPT)));

fn hash_of(text: &str) -> String {
    let hash = secret::token_hash(text);
    let hash = hash.first_chunk().copied().map(u32::from_be_bytes);
    format!("{:08x}", hash.expect("a hash has 32 bytes"))
}

/// The file this request below `/login/` is for.
pub(super) fn find(request: &Request, name: &str) -> Option<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let css = |text: String| Some(http::bytes("text/css; charset=utf-8", FOR_EVER, text));
    if name == *STYLE_NAME {
        return css(STYLE.clone());
    }
    if name == *SCRIPT_NAME {
        return Some(http::bytes("text/javascript; charset=utf-8", FOR_EVER, SCRIPT));
    }
    let (color, kind) = name.strip_prefix("color-")?.split_once('.')?;
    let color = Color::parse(color)?;
    match kind {
        "css" => css(color.sheet()),
        "svg" => Some(http::bytes("image/svg+xml", FOR_EVER, color.mark())),
        _ => None,
    }
}

/// A colour a tenant has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Color([u8; 3]);

impl Color {
    /// Reads `rrggbb`, with `#` in front or without.
    pub(super) fn parse(text: &str) -> Option<Self> {
        setting::rgb(text).map(Self)
    }

    /// The name of its files, without what kind they are.
    pub(super) fn files(self) -> String {
        format!("color-{}", self.hex())
    }

    fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// The icon that a browser shows beside the title.
    fn mark(self) -> String {
        let circle = format!(r##"<circle cx="8" cy="8" r="7" fill="#{}"/>"##, self.hex());
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{circle}</svg>"#)
    }

    fn sheet(self) -> String {
        let ink = setting::ink_on(self.0);
        format!(":root{{--brand:#{};--on-brand:{ink}}}\n", self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_button_can_be_read_whatever_its_colour() {
        let ink = |color| Color::parse(color).unwrap().sheet();
        assert_eq!(ink("#000000"), ":root{--brand:#000000;--on-brand:#ffffff}\n");
        assert!(ink("#ffffff").ends_with("--on-brand:#000000}\n"));
        assert!(ink("#ffd43b").ends_with("--on-brand:#000000}\n"));
        assert!(ink("#862e9c").ends_with("--on-brand:#ffffff}\n"));
    }

    #[test]
    fn what_is_no_colour_has_no_stylesheet() {
        for odd in ["", "#12345", "1234567", "12345g", "红红", "#}body{"] {
            assert_eq!(Color::parse(odd), None, "{odd}");
        }
    }
}
