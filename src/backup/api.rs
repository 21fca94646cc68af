//! `/backups` and `/backup-files` of the console group.

use super::policy::Schedule;
use super::wire::{
    Backup, BackupFile, BackupList, CreateBackupRequest, Restoration, RestorationAnswer, RestorationList,
    UndoRestorationRequest,
};
use crate::{
    access::permission::{
        BackupsCreate, BackupsDelete, BackupsFilesGet, BackupsGet, BackupsList, PoliciesGet, PoliciesUpdate,
        RestorationsCreate, RestorationsGet, RestorationsList, RestorationsUndo,
    },
    account,
    console::Tag,
    extract::Caller,
    kit::{
        archive::BackupKeys,
        body::Body,
        db::Tx,
        download::FileAnswer,
        error::Result,
        form::BackupForm,
        http::{Aliased, NoContent},
        id::{BackupId, RestorationId},
        json::Written,
        listing::{ListRequest, Listing},
        object::Versioned,
        text::FileName,
    },
    setting::wire::{self, policy_objects},
};
use poem::{Request, web::Data};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

policy_objects! {
    /// When a backup is made by itself, and which of those are kept.
    BackupPolicy: Schedule,
    /// When a backup is made by itself from now on, and which of those are kept.
    UpdateBackupPolicyRequest: Schedule
}

impl Listing for super::Backup {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("status.phase", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl Listing for super::Restoration {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("status.phase", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

/// The backups' operations.
pub struct Api;

#[OpenApi(tag = "Tag::Backups")]
#[boxed]
impl Api {
    /// List backups
    ///
    /// Newest first, unless `sort` says otherwise.
    #[oai(path = "/backups", method = "get", operation_id = "ListBackups")]
    async fn list(
        &self,
        caller: Caller<BackupsList>,
        asked: ListRequest<super::Backup>,
    ) -> Result<Written<BackupList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let states: Vec<_> = fields.map(|given| given.values.mapped(str::to_lowercase)).collect();
        let listed = caller.run(async |tx| super::list(tx, &states, &timeline).await).await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// Make a backup
    ///
    /// Of all that the tenant is at this moment, in one file that is sealed and signed; what goes on meanwhile goes on.
    /// `status` says how far it is. One is made at a time.
    #[oai(path = "/backups", method = "post", operation_id = "CreateBackup")]
    async fn create(&self, caller: Caller<BackupsCreate>, new: Body<CreateBackupRequest>) -> Result<Written<Backup>> {
        let keys = BackupKeys::of(&caller.services.master);
        let made = caller
            .run(async |tx| super::create(tx, &keys, &caller.tenant.name, new.0.into()).await)
            .await?;
        Ok(Written::of(&made.into()))
    }

    /// See a backup
    ///
    /// How far it is, or what became of it.
    #[oai(path = "/backups/:name", method = "get", operation_id = "GetBackup")]
    async fn get(
        &self,
        caller: Caller<BackupsGet>,
        /// Its name.
        name: Path<BackupId>,
    ) -> Result<Written<Backup>> {
        let found = caller.run(async |tx| super::get(tx, name.0).await).await?;
        Ok(Written::of(&found.into()))
    }

    /// Delete a backup
    ///
    /// And its file. One that is being made is given up.
    #[oai(path = "/backups/:name", method = "delete", operation_id = "DeleteBackup")]
    async fn delete(
        &self,
        caller: Caller<BackupsDelete>,
        /// Its name.
        name: Path<BackupId>,
    ) -> Result<NoContent> {
        caller.run(async |tx| super::remove(tx, name.0).await).await?;
        Ok(NoContent::Done)
    }

    /// Download a backup
    ///
    /// The file, or the part that `Range` asks for. It has all that the tenant has: whoever takes it may do all there is
    /// to do in the tenant, and has signed in within the last five minutes.
    #[oai(
        path = "/backups/:name/files/:filename",
        method = "get",
        operation_id = "DownloadBackup"
    )]
    async fn download(
        &self,
        caller: Caller<BackupsFilesGet>,
        /// The backup's name.
        name: Path<BackupId>,
        /// The name of its file.
        filename: Path<FileName>,
        request: &Request,
    ) -> Result<FileAnswer> {
        let asked = (name.0, filename.0.to_string(), request.headers().clone());
        Ok(FileAnswer(
            account::download_backup(&caller, caller.server(), asked).await?,
        ))
    }

    /// Restore a backup
    ///
    /// Of the part `file`, or of what the first of `downloadUrl`, `backupName` and `filename` names. It is read whole and
    /// checked before anything else. Unless `dryRun` is `false` nothing is done: `report` says what would be. Then its rows take the
    /// place of the tenant's in one transaction, and everybody signs in again, unless `keepSessions` is `true`: then whoever is
    /// signed in now stays so, if the file has them. At the path of Halo it is done at once. What there was before is kept for
    /// seven days, as a backup whose name begins with `before-`, and is put back by `undo`.
    /// Whoever asks for it may do all there is to do in the tenant, and has signed in within the last five minutes.
    #[oai(path = "/restorations", method = "post", operation_id = "CreateRestoration")]
    async fn restore(
        &self,
        caller: Caller<RestorationsCreate>,
        form: BackupForm,
        elsewhere: Option<Data<&Aliased>>,
    ) -> Result<RestorationAnswer> {
        let is_dry = elsewhere.is_none();
        let (signed, server) = caller.into_parts();
        let done = account::restore(signed, server, form.0, is_dry).await?;
        Ok(match (is_dry, done.done.is_some()) {
            (false, true) => RestorationAnswer::Done,
            _ => RestorationAnswer::Told(Written::of(&done.into())),
        })
    }

    /// List restores
    ///
    /// Those that were done and those that were refused: by whom, from which file, and what became of them. Newest first,
    /// unless `sort` says otherwise. The last 50 are kept.
    #[oai(path = "/restorations", method = "get", operation_id = "ListRestorations")]
    async fn restorations(
        &self,
        caller: Caller<RestorationsList>,
        asked: ListRequest<super::Restoration>,
    ) -> Result<Written<RestorationList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let states: Vec<_> = fields.map(|given| given.values.mapped(str::to_lowercase)).collect();
        let list = async |tx: &Tx| super::restoration::list(tx, &states, &timeline).await;
        let listed = caller.run(list).await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// See a restore
    ///
    /// What became of it, and until when it can be undone.
    #[oai(path = "/restorations/:name", method = "get", operation_id = "GetRestoration")]
    async fn restoration(
        &self,
        caller: Caller<RestorationsGet>,
        /// Its name.
        name: Path<RestorationId>,
    ) -> Result<Written<Restoration>> {
        let get = async |tx: &Tx| super::restoration::get(tx, name.0).await;
        let found = caller.run(get).await?;
        Ok(Written::of(&found.into()))
    }

    /// Undo a restore
    ///
    /// What there was before it comes back as it was, within seven days and unless another restore came after it. What was
    /// done since is undone, and what was ended since lives again. Everybody signs in again, unless `keepSessions` is `true`.
    /// Whoever asks for it may do all there is to do in the tenant, and has signed in within the last five minutes.
    #[oai(path = "/restorations/:name/undo", method = "post", operation_id = "UndoRestoration")]
    async fn undo(
        &self,
        caller: Caller<RestorationsUndo>,
        /// Its name.
        name: Path<RestorationId>,
        how: Body<UndoRestorationRequest>,
    ) -> Result<Written<Restoration>> {
        let (signed, server) = caller.into_parts();
        let undone = account::undo_restoration(signed, server, name.0, how.0.keep_sessions).await?;
        Ok(Written::of(&undone.into()))
    }

    /// List the files of backups
    ///
    /// Those that are there, the newest first.
    #[oai(path = "/backup-files", method = "get", operation_id = "ListBackupFiles")]
    async fn files(&self, caller: Caller<BackupsList>) -> Result<Written<Vec<BackupFile>>> {
        let made = caller.run(super::made).await?;
        let files: Vec<BackupFile> = made.into_iter().map(Into::into).collect();
        Ok(Written::of(&files))
    }

    /// See when a backup is made by itself
    ///
    /// What the tenant has chosen, else what a new tenant has: never.
    #[oai(
        path = "/policies/backups",
        method = "get",
        operation_id = "GetBackupPolicy",
        tag = "Tag::Policies"
    )]
    async fn get_policy(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<BackupPolicy>> {
        wire::show(&caller).await
    }

    /// Decide when a backup is made by itself
    ///
    /// Every day, and which of those are kept: the newest of each of so many days, weeks and months. Backups that
    /// somebody made stay until somebody deletes them.
    #[oai(
        path = "/policies/backups",
        method = "put",
        operation_id = "UpdateBackupPolicy",
        tag = "Tag::Policies"
    )]
    async fn update_policy(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateBackupPolicyRequest, BackupPolicy>,
    ) -> Result<Versioned<BackupPolicy>> {
        wire::put_and(&caller, new, super::reschedule).await
    }
}
