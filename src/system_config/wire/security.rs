//! The group `security`.

use super::View;
use crate::{kit::text::WebOrigin, setting::CrossOrigin};
use poem_openapi::Object;

/// Which pages of other origins may call the API from a browser. Kept by the policy `cross-origin`.
#[derive(Debug, Object)]
#[oai(rename = "SecurityConfig", rename_all = "camelCase")]
pub(super) struct Security {
    /// Their origins, whose scripts need a token.
    #[oai(validator(max_items = 100))]
    cross_origins: Vec<WebOrigin>,
}

impl View for Security {
    type Setting = CrossOrigin;

    fn of(setting: &CrossOrigin) -> Self {
        Self {
            cross_origins: setting.allowed_origins.clone(),
        }
    }

    fn apply(self, _: &CrossOrigin) -> CrossOrigin {
        CrossOrigin {
            allowed_origins: self.cross_origins,
        }
    }

    fn member(of: &str) -> Option<&'static str> {
        (of == "allowedOrigins").then_some("crossOrigins")
    }
}
