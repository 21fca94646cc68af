//! The file of a backup on its way out.

use super::own_account::check_recent;
use crate::{
    access::{Authority, policy::OWNER},
    backup,
    context::Signed,
    kit::{
        blob::Key,
        db::Tx,
        download::{self, disposition},
        error::{Code, Result},
        headers::if_none_match,
        id::BackupId,
        limiter,
    },
    notification::{self, Event, Notice},
    server::Server,
};
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use poem::{
    Body, Response,
    http::{HeaderMap, header},
};
use serde_json::{Value, json};

/// How long it is no news that somebody takes the file of a backup that they took before.
const DAY: TimeDelta = TimeDelta::days(1);

/// The file of a backup, or the part that the request asks for.
///
/// # Errors
/// [`Code::Escalation`], [`Code::ReauthenticationRequired`], [`Code::BackupNotFound`], [`Code::BackupNotReady`],
/// [`crate::kit::error::Error::OutOfRange`], [`Code::FilesUnavailable`].
pub fn download_backup<'a>(
    caller: &'a Signed,
    server: &'a Server,
    asked: (BackupId, String, HeaderMap),
) -> BoxFuture<'a, Result<Response>> {
    Box::pin(download(caller, server, asked))
}

async fn download(
    caller: &Signed,
    server: &Server,
    (id, filename, headers): (BackupId, String, HeaderMap),
) -> Result<Response> {
    let (head, range) = caller
        .act(async |tx, authority| {
            check(caller, tx, &authority).await?;
            let backup = backup::get(tx, id).await?;
            if backup.filename() != filename {
                return Err(Code::BackupNotFound.into());
            }
            let (size, sha256) = backup.file()?;
            let tag = format!("\"{sha256}\"");
            let (head, range) = download::begin(&headers, size, &tag)?;
            if if_none_match(&headers, &tag) {
                return Ok((head, 0..0));
            }
            let taken = json!({ "bytes": format!("{}-{}/{size}", range.start, range.end) });
            tx.changed("backup-file", &id, Value::Null, taken);
            tell(tx, caller, (id, &filename)).await?;
            Ok((head, range))
        })
        .await?;
    let head = head
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CACHE_CONTROL, "no-store")
        .header("cross-origin-resource-policy", "same-site")
        .header(header::CONTENT_DISPOSITION, disposition(false, &filename));
    if range.is_empty() {
        return Ok(head.body(Body::empty()));
    }
    let key = Key::of_backup(caller.tenant.id, id);
    let read = server.files.get(&key, range).await?;
    Ok(head.body(Body::from_bytes_stream(read)))
}

/// Has those told who look after the tenant, of a file that is taken in parts once a day.
async fn tell(tx: &Tx, caller: &Signed, (id, filename): (BackupId, &str)) -> Result<()> {
    notification::end_before(tx, Event::BackupDownloaded, tx.now - DAY).await?;
    let notice = Notice {
        by: Some((caller.me.name.clone(), limiter::network(caller.peer.ip))),
        ..Notice::of(Event::BackupDownloaded, filename)
    };
    let subject = format!("{id}/{}", caller.me.name);
    notification::tell_once(tx, &subject, &notice).await.map(drop)
}

/// Whoever takes all that there is may do all there is to do, and was there a moment ago.
pub(super) async fn check(caller: &Signed, tx: &Tx, authority: &Authority) -> Result<()> {
    caller.me.person()?;
    authority.may_give(&[OWNER.to_owned()]).await?;
    check_recent(tx, &caller.me).await
}
