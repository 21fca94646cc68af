//! `/attachments` and `/attachment-groups` of the console group, and the policy beside them.

use super::{
    AttachmentFilter, AttachmentQuery,
    wire::{
        Attachment, AttachmentGroup, AttachmentGroupList, AttachmentList, AttachmentMatches, AttachmentUsage,
        CreateAttachmentGroupRequest, MatchPermalinksRequest, PatchAttachmentRequest, Places, UploadFromUrlRequest,
        placed,
    },
};
use crate::{
    access::permission::{
        AttachmentGroupsCreate, AttachmentGroupsDelete, AttachmentGroupsList, AttachmentsContentGet, AttachmentsCreate,
        AttachmentsDelete, AttachmentsFetch, AttachmentsGet, AttachmentsList, AttachmentsUpdate, FilesGet, PoliciesGet,
        PoliciesUpdate,
    },
    account::{self, Size},
    console::Tag,
    content,
    context::RequestContext,
    extract::{Caller, Guest},
    kit::{
        body::{Body, Patch},
        db::Tx,
        download::FileAnswer,
        error::Result,
        form::FileForm,
        http::NoContent,
        id::{AttachmentGroupId, AttachmentId},
        json::Written,
        listing::{ListRequest, Listing},
        object::Versioned,
        selector::Values,
        text::{FileName, Keyword, Sha256},
    },
    setting::{
        self,
        wire::{self, policy_objects},
    },
};
use poem::Request;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use tenantry_boxed::boxed;

policy_objects! {
    /// Which files the tenant takes, and how much of them.
    AttachmentPolicy: super::AttachmentPolicy,
    /// Which files the tenant takes, and how much of them, from now on.
    UpdateAttachmentPolicyRequest: super::AttachmentPolicy
}

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> AttachmentFilter;

impl Listing for super::Attachment {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[
        ("metadata.name", AttachmentFilter::Name),
        ("spec.displayName", AttachmentFilter::DisplayName),
        ("spec.groupName", AttachmentFilter::Group),
        ("spec.mediaType", AttachmentFilter::MediaType),
        ("spec.visibility", AttachmentFilter::Visibility),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
    const LABELS: bool = true;
}

impl Listing for super::Group {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("spec.displayName", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

fn answer(context: &RequestContext, file: &super::Attachment) -> Versioned<Attachment> {
    Versioned::with_others(&Places::of(context).show(file), file.version())
}

/// The files' operations.
pub struct Api;

#[OpenApi(tag = "Tag::Attachments")]
#[boxed]
impl Api {
    /// List files
    ///
    /// Newest first, unless `sort` says otherwise. What is in a hidden group is left out.
    #[oai(path = "/attachments", method = "get", operation_id = "ListAttachments")]
    async fn list(
        &self,
        caller: Caller<AttachmentsList>,
        asked: ListRequest<super::Attachment>,
        /// A part of what people call it, in any case.
        keyword: Query<Option<Keyword>>,
        /// Whether only files that are in no group are wanted.
        ungrouped: Query<Option<bool>>,
        /// Media types, one of which a file is of; `image/*` is any of these.
        #[oai(validator(max_items = 20), default)]
        accepts: Query<Vec<Keyword>>,
    ) -> Result<Written<AttachmentList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter().map(|given| (given.field)(given.values));
        let labels = asked.labels.into_iter();
        let wanted = AttachmentQuery {
            keyword: keyword.0.unwrap_or_default(),
            ungrouped: ungrouped.0.unwrap_or_default(),
            accepts: accepts.0.iter().map(ToString::to_string).collect(),
            filters: fields
                .chain(labels.map(|(key, test)| AttachmentFilter::Label(key, test)))
                .collect(),
        };
        let listed = caller.run(async |tx| super::list(tx, &wanted, &timeline).await).await?;
        let places = Places::of(&caller);
        Ok(Written::of(&listed.map(|file| places.show(&file)).into()))
    }

    /// Upload a file
    ///
    /// As Halo's older clients do. What the content is, its bytes say, and not its name or its sender. A picture is
    /// drawn anew unless the policy says otherwise: nothing else of it is kept.
    #[oai(path = "/attachments/upload", method = "post", operation_id = "UploadAttachment")]
    async fn upload(&self, caller: Caller<AttachmentsCreate>, form: FileForm) -> Result<Versioned<Attachment>> {
        let made = account::upload(&caller, caller.server(), form).await?;
        Ok(answer(&caller, &made))
    }

    /// Upload a file, or have it fetched
    ///
    /// The part `file`, or `url` and `filename`; the latter takes the permission to have files fetched as well.
    #[oai(
        path = "/attachments/-/upload",
        method = "post",
        operation_id = "UploadAttachmentForConsole"
    )]
    async fn upload_or_fetch(
        &self,
        caller: Caller<AttachmentsCreate>,
        form: FileForm,
    ) -> Result<Versioned<Attachment>> {
        let made = account::upload(&caller, caller.server(), form).await?;
        Ok(answer(&caller, &made))
    }

    /// Have a file fetched
    ///
    /// From an address that is https and of no private network. Redirects are not followed. Up to ten times a minute.
    #[oai(
        path = "/attachments/-/upload-from-url",
        method = "post",
        operation_id = "UploadAttachmentFromUrl"
    )]
    async fn upload_from_url(
        &self,
        caller: Caller<AttachmentsFetch>,
        from: Body<UploadFromUrlRequest>,
    ) -> Result<Versioned<Attachment>> {
        let from = from.0.read()?;
        let made = account::fetch(&caller, caller.server(), from).await?;
        Ok(answer(&caller, &made))
    }

    /// Find files by their addresses
    ///
    /// Addresses that are none of files are let pass.
    #[oai(
        path = "/attachments/-/match-permalinks",
        method = "post",
        operation_id = "MatchAttachmentPermalinks"
    )]
    async fn match_permalinks(
        &self,
        caller: Caller<AttachmentsList>,
        asked: Body<MatchPermalinksRequest>,
    ) -> Result<Written<AttachmentMatches>> {
        let places = Places::of(&caller);
        let (ids, hashes) = places.read(&asked.0.urls);
        let found = caller.run(async |tx| super::matching(tx, &ids, &hashes).await).await?;
        Ok(Written::of(&places.show_all(&found)))
    }

    /// See how much room files take
    ///
    /// With what the policy `attachments` says of a file.
    #[oai(path = "/attachments/-/usage", method = "get", operation_id = "GetAttachmentUsage")]
    async fn usage(&self, caller: Caller<AttachmentsList>) -> Result<Written<AttachmentUsage>> {
        let read = async |tx: &Tx| Ok((content::used(tx).await?, setting::read(tx).await?.0));
        let (used, policy) = caller.run(read).await?;
        Ok(Written::of(&AttachmentUsage::of(used, policy)))
    }

    /// See what is known of a file
    ///
    /// And where the file itself is.
    #[oai(path = "/attachments/:name", method = "get", operation_id = "GetAttachment")]
    async fn get(
        &self,
        caller: Caller<AttachmentsGet>,
        /// The file's name.
        name: Path<AttachmentId>,
    ) -> Result<Versioned<Attachment>> {
        let found = caller.run(async |tx| super::get(tx, name.0).await).await?;
        Ok(answer(&caller, &found))
    }

    /// Change what is known of a file
    ///
    /// What is absent stays as it is, and null removes. The address of a file changes with who may see it.
    #[oai(path = "/attachments/:name", method = "patch", operation_id = "PatchAttachment")]
    async fn patch(
        &self,
        caller: Caller<AttachmentsUpdate>,
        /// The file's name.
        name: Path<AttachmentId>,
        new: Patch<PatchAttachmentRequest, Attachment>,
    ) -> Result<Versioned<Attachment>> {
        let Patch(new, as_read) = new;
        let (expected, places) = (new.expected(), Places::of(&caller));
        let written = caller
            .run(async |tx| {
                let old = super::get_for_update(tx, name.0).await?;
                as_read.check(|| places.show(&old))?;
                let (spec, address) = (new.accept(&old), places.address(&old));
                super::update(tx, (old, &address), expected, spec).await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&caller, &written))
    }

    /// Delete a file
    ///
    /// The room that it takes is free a day later.
    #[oai(path = "/attachments/:name", method = "delete", operation_id = "DeleteAttachment")]
    async fn delete(
        &self,
        caller: Caller<AttachmentsDelete>,
        /// The file's name.
        name: Path<AttachmentId>,
    ) -> Result<NoContent> {
        let places = Places::of(&caller);
        caller
            .run(async |tx| {
                let old = super::get_for_update(tx, name.0).await?;
                let address = places.address(&old);
                super::remove(tx, old, &address).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// See a file itself
    ///
    /// Or a part of it, by `Range`. What is no picture that was drawn anew is only given to be saved.
    #[oai(
        path = "/attachments/:name/content",
        method = "get",
        operation_id = "GetAttachmentContent"
    )]
    async fn content(
        &self,
        caller: Caller<AttachmentsContentGet>,
        /// The file's name.
        name: Path<AttachmentId>,
        /// How large a picture is wanted; one that is smaller comes as it is.
        size: Query<Option<Size>>,
        request: &Request,
    ) -> Result<FileAnswer> {
        let file = caller.run(async |tx| super::get(tx, name.0).await).await?;
        let asked = (size.0, request.headers().clone());
        Ok(FileAnswer(
            account::serve(&caller, caller.server(), &file, asked).await?,
        ))
    }

    /// See a public file
    ///
    /// As long as some file with this content is public. It is also at `/files/{sha256}/{name}` of the tenant.
    #[oai(path = "/files/:sha256/:name", method = "get", operation_id = "GetFile")]
    async fn public(
        &self,
        guest: Guest<FilesGet>,
        /// SHA-256 of its content, in hexadecimal.
        sha256: Path<Sha256>,
        /// What it is saved as: anything.
        #[oai(name = "name")]
        _name: Path<FileName>,
        /// How large a picture is wanted; one that is smaller comes as it is.
        size: Query<Option<Size>>,
        request: &Request,
    ) -> Result<FileAnswer> {
        let file = guest
            .run(async |tx| super::get_public(tx, &sha256.to_string()).await)
            .await?;
        let asked = (size.0, request.headers().clone());
        Ok(FileAnswer(account::serve(&guest, guest.server(), &file, asked).await?))
    }

    /// List groups of files
    ///
    /// Newest first, unless `sort` says otherwise. Hidden ones are left out.
    #[oai(path = "/attachment-groups", method = "get", operation_id = "ListAttachmentGroups")]
    async fn list_groups(
        &self,
        caller: Caller<AttachmentGroupsList>,
        asked: ListRequest<super::Group>,
    ) -> Result<Written<AttachmentGroupList>> {
        let timeline = asked.timeline();
        let names: Vec<_> = asked.fields.into_iter().map(|given| given.values).collect();
        let listed = caller
            .run(async |tx| super::groups(tx, &names, &timeline).await)
            .await?;
        Ok(Written::of(&listed.map(|group| AttachmentGroup::from(&group)).into()))
    }

    /// Make a group of files
    ///
    /// A tenant has up to a hundred.
    #[oai(path = "/attachment-groups", method = "post", operation_id = "CreateAttachmentGroup")]
    async fn create_group(
        &self,
        caller: Caller<AttachmentGroupsCreate>,
        new: Body<CreateAttachmentGroupRequest>,
    ) -> Result<Written<AttachmentGroup>> {
        let new = new.0.spec;
        let made = caller
            .run(async |tx| super::create_group(tx, &new.display_name, new.hidden).await)
            .await
            .map_err(placed)?;
        Ok(Written::of(&(&made).into()))
    }

    /// Delete a group of files
    ///
    /// The files that are in it stay, and are in none.
    #[oai(
        path = "/attachment-groups/:name",
        method = "delete",
        operation_id = "DeleteAttachmentGroup"
    )]
    async fn delete_group(
        &self,
        caller: Caller<AttachmentGroupsDelete>,
        /// The group's name.
        name: Path<AttachmentGroupId>,
    ) -> Result<NoContent> {
        caller.run(async |tx| super::remove_group(tx, name.0).await).await?;
        Ok(NoContent::Done)
    }

    /// See which files are taken
    ///
    /// And how much of them.
    #[oai(path = "/policies/attachments", method = "get", operation_id = "GetAttachmentPolicy")]
    async fn get_policy(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<AttachmentPolicy>> {
        wire::show(&caller).await
    }

    /// Decide which files are taken
    ///
    /// And how much of them. Files that are there stay.
    #[oai(
        path = "/policies/attachments",
        method = "put",
        operation_id = "UpdateAttachmentPolicy"
    )]
    async fn update_policy(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateAttachmentPolicyRequest, AttachmentPolicy>,
    ) -> Result<Versioned<AttachmentPolicy>> {
        wire::put(&caller, new).await
    }
}
