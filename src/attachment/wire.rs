//! Files on the wire of the console group, in the shapes of Halo's console API.

use super::{Attachment as Known, AttachmentPolicy, Group, Spec, Visibility};
use crate::{
    account::{self, Fetch, Size},
    console,
    context::RequestContext,
    kit::{
        error::{Error, Result},
        id::{AttachmentGroupId, AttachmentId},
        object::Metadata,
        page::page_object,
        text::{DisplayName, FileName, Nullable, OrNull},
        time::Timestamp,
    },
    setting::Setting,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use poem_openapi::{Object, types::MaybeUndefined};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A file that the tenant keeps.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// `v1alpha1`.
    api_version: String,
    /// `Attachment`.
    kind: String,
    metadata: Metadata,
    spec: AttachmentSpec,
    status: AttachmentStatus,
}

/// What is decided and known of a file.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentSpec {
    /// What people call it.
    display_name: String,
    /// The policy it came by: `attachments`.
    policy_name: String,
    /// The group it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    /// Who brought it, if that is somebody who is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_name: Option<String>,
    /// The type that its content is of.
    media_type: String,
    /// Bytes of its content.
    size: u64,
    visibility: Visibility,
    /// The host it was fetched from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_host: Option<String>,
}

/// Where a file is to be seen.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentStatus {
    /// Its address: of a public file anybody's, of a private one that of whoever may see files.
    permalink: String,
    /// Addresses of a picture that is smaller, by what the sizes are called: `S` up to 400 pixels a side, `M` 800, `L`
    /// 1200. None of what is no picture.
    thumbnails: BTreeMap<String, String>,
    /// SHA-256 of its content, in hexadecimal.
    sha256: String,
    /// In pixels, of a picture that was drawn anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    /// In pixels, of a picture that was drawn anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// When what is decided about it last changed.
    last_modified: Timestamp,
}

page_object!(
    /// One page of files.
    AttachmentList of Attachment
);

/// Files, at most a hundred.
#[derive(Debug, Object, Serialize)]
pub struct AttachmentMatches {
    /// The files, in the order of their making.
    #[oai(validator(max_items = 100))]
    items: Vec<Attachment>,
}

/// What is to change in a file (RFC 7396); what is absent stays.
#[derive(Object)]
pub struct PatchAttachmentRequest {
    metadata: Option<PatchAttachmentMetadata>,
    spec: Option<EditAttachmentSpec>,
}

/// What is to change in the metadata of a file.
#[derive(Default, Object)]
pub struct PatchAttachmentMetadata {
    /// `metadata.version` as it was read; another one is refused.
    version: Option<i64>,
    /// Labels to set; null removes one.
    labels: Nullable<HashMap<String, OrNull>>,
}

/// What is to change in what is decided about a file.
#[derive(Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct EditAttachmentSpec {
    /// What people call it.
    display_name: Option<FileName>,
    /// The group it is to be in; null is none.
    group_name: Nullable<AttachmentGroupId>,
    /// Who may see it.
    visibility: Option<Visibility>,
}

/// A file that is somewhere else.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UploadFromUrlRequest {
    /// Its address: https, and not of a private network.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: String,
    /// The policy it is to come by: `attachments`, which Halo calls `default-policy`.
    #[oai(validator(min_length = 1, max_length = 100))]
    policy_name: Option<String>,
    /// The group it is to be in.
    group_name: Option<AttachmentGroupId>,
    /// What people are to call it; as it is called there if absent.
    filename: Option<FileName>,
}

/// Addresses of files.
#[derive(Debug, Object)]
pub struct MatchPermalinksRequest {
    /// The addresses.
    #[oai(validator(max_items = 100))]
    pub(super) urls: Vec<String>,
}

/// A group of files.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct AttachmentGroup {
    /// `v1alpha1`.
    api_version: String,
    /// `Group`.
    kind: String,
    metadata: Metadata,
    spec: AttachmentGroupSpec,
}

/// What is decided about a group of files.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct AttachmentGroupSpec {
    /// What people call it.
    display_name: String,
    /// Whether lists leave it out, and what is in it.
    hidden: bool,
}

page_object!(
    /// One page of groups of files.
    AttachmentGroupList of AttachmentGroup
);

/// A group to be made.
#[derive(Debug, Object)]
pub struct CreateAttachmentGroupRequest {
    pub(super) spec: NewAttachmentGroupSpec,
}

/// What is decided about a group to be made.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewAttachmentGroupSpec {
    /// What people call it.
    pub(super) display_name: DisplayName,
    /// Whether lists leave it out, and what is in it.
    #[oai(default)]
    pub(super) hidden: bool,
}

/// How much of its room a tenant has taken.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct AttachmentUsage {
    /// Bytes that all files take together, those that are on their way and what was deleted within a day included.
    used_bytes: u64,
    /// Bytes that they may take.
    max_total_bytes: u64,
    /// Bytes that a file may have.
    max_file_bytes: u64,
    /// Media types that are taken.
    #[oai(validator(max_items = 100))]
    types: Vec<String>,
}

impl AttachmentUsage {
    pub(super) fn of(used_bytes: u64, policy: AttachmentPolicy) -> Self {
        Self {
            used_bytes,
            max_total_bytes: policy.max_total_bytes,
            max_file_bytes: policy.max_file_bytes,
            types: policy.types,
        }
    }
}

/// Where the files of a tenant are.
pub(super) struct Places {
    tenant: String,
}

impl Places {
    pub(super) fn of(context: &RequestContext) -> Self {
        Self {
            tenant: context.tenant_url(),
        }
    }

    /// Where a file is to be seen.
    pub(super) fn address(&self, file: &Known) -> String {
        let tenant = &self.tenant;
        if file.is_public() {
            let name = utf8_percent_encode(file.display_name(), NON_ALPHANUMERIC);
            return format!("{tenant}/files/{}/{name}", file.content().sha256);
        }
        format!("{tenant}{}/attachments/{}/content", console::BASE, file.id())
    }

    /// The names and the hashes that these addresses have.
    pub(super) fn read(&self, urls: &[String]) -> (Vec<AttachmentId>, Vec<String>) {
        let (mut ids, mut hashes) = (vec![], vec![]);
        let private = format!("{}/attachments/", console::BASE);
        for url in urls {
            let Some(path) = url.strip_prefix(&self.tenant) else {
                continue;
            };
            let path = path.split(['?', '#']).next().unwrap_or_default();
            let named = path
                .strip_prefix(&private)
                .and_then(|rest| rest.strip_suffix("/content"));
            ids.extend(named.and_then(|name| name.parse::<AttachmentId>().ok()));
            let public = path.strip_prefix("/files/").and_then(|rest| rest.split('/').next());
            hashes.extend(public.map(str::to_owned));
        }
        (ids, hashes)
    }

    /// A file on the wire.
    pub(super) fn show(&self, known: &Known) -> Attachment {
        let (row, content) = (&known.row, known.content());
        let permalink = self.address(known);
        let sizes = Size::ALL.iter().filter(|_| content.pixels.is_some());
        let thumbnail = |(name, _): &(&str, Size)| ((*name).to_owned(), format!("{permalink}?size={name}"));
        Attachment {
            api_version: "v1alpha1".to_owned(),
            kind: "Attachment".to_owned(),
            metadata: Metadata {
                labels: known.labels.clone(),
                version: row.version,
                ..Metadata::of(&row.id, row.created_at)
            },
            spec: AttachmentSpec {
                display_name: row.display_name.clone(),
                policy_name: AttachmentPolicy::NAME.to_owned(),
                group_name: row.group_id.map(|id| id.to_string()),
                owner_name: known.owner.clone(),
                media_type: content.media_type,
                size: content.size,
                visibility: known.spec().visibility,
                source_host: row.source_host.clone(),
            },
            status: AttachmentStatus {
                thumbnails: sizes.map(thumbnail).collect(),
                permalink,
                sha256: content.sha256,
                width: content.pixels.map(|(width, _)| width),
                height: content.pixels.map(|(_, height)| height),
                last_modified: row.updated_at.into(),
            },
        }
    }

    /// Some files on the wire.
    pub(super) fn show_all(&self, known: &[Known]) -> AttachmentMatches {
        AttachmentMatches {
            items: known.iter().map(|known| self.show(known)).collect(),
        }
    }
}

impl From<&Group> for AttachmentGroup {
    fn from(Group(row): &Group) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Group".to_owned(),
            metadata: Metadata::of(&row.id, row.created_at),
            spec: AttachmentGroupSpec {
                display_name: row.display_name.clone(),
                hidden: row.hidden,
            },
        }
    }
}

impl PatchAttachmentRequest {
    pub(super) fn expected(&self) -> Option<i64> {
        self.metadata.as_ref().and_then(|metadata| metadata.version)
    }

    /// What is decided about this file from now on.
    pub(super) fn accept(self, old: &Known) -> Spec {
        let edit = self.spec.unwrap_or_default();
        let mut spec = old.spec();
        match self.metadata.unwrap_or_default().labels.0 {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => spec.labels.clear(),
            MaybeUndefined::Value(labels) => {
                for (key, OrNull(value)) in labels {
                    match value {
                        Some(value) => spec.labels.insert(key, value),
                        None => spec.labels.remove(&key),
                    };
                }
            }
        }
        if let Some(name) = edit.display_name {
            spec.display_name = name.to_string();
        }
        match edit.group_name.0 {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => spec.group = None,
            MaybeUndefined::Value(group) => spec.group = Some(group),
        }
        spec.visibility = edit.visibility.unwrap_or(spec.visibility);
        spec
    }
}

impl UploadFromUrlRequest {
    /// Where to fetch what.
    ///
    /// # Errors
    /// [`crate::kit::error::Code::PolicyNotFound`].
    pub(super) fn read(self) -> Result<Fetch> {
        self.policy_name.as_deref().map_or(Ok(()), account::check_policy)?;
        Ok(Fetch {
            url: self.url,
            name: self.filename,
            group: self.group_name,
        })
    }
}

/// The error with the fields of a file or a group where requests have them.
pub(super) fn placed(mut error: Error) -> Error {
    if let Error::Invalid(fields) = &mut error {
        for wrong in fields {
            let part = match wrong.field.split('.').next() {
                Some("labels") => "metadata.",
                Some("displayName") => "spec.",
                // As they were sent.
                _ => "",
            };
            wrong.field.insert_str(0, part);
        }
    }
    error
}
