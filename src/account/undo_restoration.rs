//! Undoing a restore: what there was before comes back as it was.

use super::{
    backup::check,
    restoration::refused,
    restore::{How, Restoring},
};
use crate::{
    backup::{self, restoration},
    context::Signed,
    kit::{
        blob::Key,
        db::Tx,
        error::Result,
        id::{BackupId, RestorationId},
        request,
    },
    server::Server,
};
use futures_util::future::BoxFuture;

/// Has what there was before a restore put back. Everybody signs in again, unless sessions are to be kept.
///
/// # Errors
/// [`crate::kit::error::Code::RestorationNotFound`], [`crate::kit::error::Code::RestorationNotUndoable`],
/// [`crate::kit::error::Code::Escalation`], [`crate::kit::error::Code::ReauthenticationRequired`],
/// [`crate::kit::error::Code::FilesUnavailable`].
pub fn undo_restoration(
    caller: Signed,
    server: Server,
    id: RestorationId,
    keeps_sessions: bool,
) -> BoxFuture<'static, Result<backup::Restoration>> {
    Box::pin(async move {
        // Before anything is read.
        let before = caller
            .act(async |tx, authority| {
                tx.unchanged();
                check(&caller, tx, &authority).await?;
                restoration::get(tx, id).await?.before(tx.now)
            })
            .await?;
        let how = How {
            keeps_sessions,
            undoes: true,
            ..How::default()
        };
        let done = request::at_length(Box::pin(async move { run(&caller, &server, (id, before), how).await }));
        Box::pin(done).await?
    })
}

async fn run(
    caller: &Signed,
    server: &Server,
    (id, before): (RestorationId, BackupId),
    how: How,
) -> Result<backup::Restoration> {
    let size = async |tx: &Tx| {
        let backup = backup::get(tx, before).await?;
        Ok(backup.file()?.0)
    };
    let size = caller.read(size).await?;
    let key = Key::of_backup(caller.tenant.id, before);
    let open = async || server.files.get(&key, 0..size).await;
    let read = Restoring::read(&caller.services, &*server.files, &[], open().await?, how).await;
    let restoring = read.map_err(refused)?;
    let past = caller.read(async |tx| restoring.past(tx).await).await?;
    let contents = restoring.put_contents(open().await?).await.map_err(refused)?;
    caller
        .act(async |tx: &Tx, authority| {
            check(caller, tx, &authority).await?;
            let undone = restoration::undo(tx, id, &caller.me.name).await?;
            let to = (&contents, &*caller.tenant_url());
            restoring.put_rows(tx, Some(&past), to).await?;
            Ok(undone)
        })
        .await
}
