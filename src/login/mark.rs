//! The marks of makers, beside the words by which one goes on with them.

use crate::provider::kind::Kind;

/// The mark of the maker of this kind, as SVG; see `marks/README.md` for each maker's rules.
pub(super) fn of(kind: Kind) -> Option<&'static str> {
    let svg = match kind {
        Kind::Google => include_str!("marks/google.svg"),
        Kind::Microsoft => include_str!("marks/microsoft.svg"),
        Kind::Github => include_str!("marks/github.svg"),
        Kind::Facebook => include_str!("marks/facebook.svg"),
        Kind::Apple => include_str!("marks/apple.svg"),
        Kind::Oidc | Kind::Oauth2 => return None,
    };
    Some(svg.trim_end())
}
