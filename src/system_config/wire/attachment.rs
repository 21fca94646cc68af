//! The group `attachment`.

use super::View;
use crate::attachment::{AttachmentPolicy, Visibility};
use poem_openapi::Object;

/// Which files the tenant takes, and how much of them. Kept by the policy `attachments`.
#[derive(Debug, Object)]
#[oai(rename = "AttachmentConfig", rename_all = "camelCase")]
pub(super) struct Attachment {
    /// Bytes that a file may have.
    #[oai(validator(minimum(value = "1"), maximum(value = "1073741824")))]
    max_file_bytes: u64,
    /// Bytes that all files may have together.
    #[oai(validator(minimum(value = "0"), maximum(value = "1099511627776")))]
    max_total_bytes: u64,
    /// Media types that are taken, as the content says.
    #[oai(validator(max_items = 100))]
    types: Vec<String>,
    /// Whether pictures are drawn anew, so that nothing else of the file is kept.
    redraw: bool,
    /// Who may see a file of which nobody says otherwise.
    default_visibility: Visibility,
}

impl View for Attachment {
    type Setting = AttachmentPolicy;

    fn of(setting: &AttachmentPolicy) -> Self {
        let all = setting.clone();
        Self {
            max_file_bytes: all.max_file_bytes,
            max_total_bytes: all.max_total_bytes,
            types: all.types,
            redraw: all.redraw,
            default_visibility: all.default_visibility,
        }
    }

    fn apply(self, _: &AttachmentPolicy) -> AttachmentPolicy {
        AttachmentPolicy {
            max_file_bytes: self.max_file_bytes,
            max_total_bytes: self.max_total_bytes,
            types: self.types,
            redraw: self.redraw,
            default_visibility: self.default_visibility,
        }
    }

    fn member(of: &str) -> Option<&'static str> {
        ["maxFileBytes", "maxTotalBytes", "types", "redraw", "defaultVisibility"]
            .into_iter()
            .find(|member| *member == of)
    }
}
