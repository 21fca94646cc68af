//! The policy `attachments`: which files a tenant takes, and how much of them.

use crate::{
    kit::{
        error::{Error, Result},
        sniff,
    },
    setting::Setting,
};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// The longest file that any tenant may take, in bytes.
const LONGEST: u64 = 1 << 30;

/// Who may see a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum Visibility {
    /// Whoever may see the tenant's files.
    Private,
    /// Anybody who has its address.
    Public,
}

/// Which files the tenant takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "AttachmentPolicySpec", rename_all = "camelCase")]
pub struct AttachmentPolicy {
    /// Bytes that a file may have.
    #[oai(validator(minimum(value = "1"), maximum(value = "1073741824")))]
    pub max_file_bytes: u64,
    /// Bytes that all files may have together.
    #[oai(validator(minimum(value = "0"), maximum(value = "1099511627776")))]
    pub max_total_bytes: u64,
    /// Media types that are taken, as the content says: what a sender says is not believed.
    #[oai(validator(max_items = 100))]
    pub types: Vec<String>,
    /// Whether pictures are drawn anew, so that nothing else of the file is kept: no place, no camera, no hidden
    /// content. Pictures that are not are only given as files to save.
    pub redraw: bool,
    /// Who may see a file of which nobody says otherwise.
    pub default_visibility: Visibility,
}

impl Default for AttachmentPolicy {
    fn default() -> Self {
        let types = [
            "image/png",
            "image/jpeg",
            "image/webp",
            "image/gif",
            "application/pdf",
            "text/plain",
            "text/csv",
            "application/zip",
        ];
        Self {
            max_file_bytes: 20 << 20,
            max_total_bytes: 1 << 30,
            types: types.map(str::to_owned).to_vec(),
            redraw: true,
            default_visibility: Visibility::Private,
        }
    }
}

impl Setting for AttachmentPolicy {
    const NAME: &'static str = "attachments";

    fn check(self) -> Result<Self> {
        let is_token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.+".contains(&byte);
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_token);
        let is_type = |kind: &String| {
            let parts = kind.split_once('/').filter(|_| kind.len() <= 100);
            parts.is_some_and(|(family, name)| is_word(family) && is_word(name))
        };
        if let Some(wrong) = self.types.iter().find(|kind| !is_type(kind)) {
            let why = format!("{wrong} is no media type such as image/png");
            return Err(Error::field("types", "format", why));
        }
        if self.max_file_bytes > LONGEST {
            return Err(Error::field(
                "maxFileBytes",
                "value",
                format!("must be at most {LONGEST}"),
            ));
        }
        Ok(self)
    }
}

impl AttachmentPolicy {
    /// Whether files of this type are taken.
    #[must_use]
    pub fn takes(&self, kind: &str) -> bool {
        self.types.iter().any(|known| known == kind)
    }

    /// Whether a file of this type is drawn anew.
    #[must_use]
    pub fn redraws(&self, kind: &str) -> bool {
        let is_picture = matches!(kind, "image/png" | "image/jpeg" | "image/webp" | "image/gif");
        self.redraw && is_picture && !sniff::is_active(kind)
    }
}
