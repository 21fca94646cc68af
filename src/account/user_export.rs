//! Users on their way out.

use super::backup;
use crate::{
    context::Signed,
    kit::{download::disposition, error::Result, page::Cursor},
    user::UserQuery,
    user_export::{self, How, wire::Asked},
};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use poem::{Body, Response, http::header};
use serde_json::{Value, json};
use std::io;

/// An export that goes on.
struct Going {
    caller: Signed,
    query: UserQuery,
    how: How,
    step: Step,
}

/// What comes next.
enum Step {
    Head,
    Page(Option<Cursor>),
    End,
}

/// The users who are asked for. The trail has that they were exported before the first of them is.
///
/// # Errors
/// With hashes, those of [`super::download_backup`].
pub fn export_users(caller: Signed, asked: Asked) -> BoxFuture<'static, Result<Response>> {
    async move {
        let Asked { query, how } = asked;
        caller
            .act(async |tx, authority| {
                if how.with_hashes {
                    backup::check(&caller, tx, &authority).await?;
                }
                let said = json!({ "csv": how.is_table, "withHashes": how.with_hashes });
                tx.changed("user-export", &"-", Value::Null, said);
                Ok(())
            })
            .await?;
        let (kind, name) = match how.is_table {
            true => ("text/csv; charset=utf-8", "users.csv"),
            false => ("application/x-ndjson", "users.jsonl"),
        };
        let step = Step::Head;
        let going = Going {
            caller,
            query,
            how,
            step,
        };
        let pages = stream::unfold(going, |going| next(going).boxed()).boxed();
        Ok(Response::builder()
            .content_type(kind)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::CONTENT_DISPOSITION, disposition(false, name))
            .body(Body::from_bytes_stream(pages)))
    }
    .boxed()
}

async fn next(mut going: Going) -> Option<(io::Result<Vec<u8>>, Going)> {
    match std::mem::replace(&mut going.step, Step::End) {
        Step::Head => {
            going.step = Step::Page(None);
            Some((Ok(going.how.head()), going))
        }
        Step::Page(cursor) => {
            going.query.cursor = cursor;
            let (query, how) = (&going.query, going.how);
            let read = going.caller.read(async |tx| user_export::page(tx, query, how).await);
            match read.await {
                Ok((text, next)) => {
                    going.step = next.map_or(Step::End, |next| Step::Page(Some(next)));
                    Some((Ok(text), going))
                }
                // Whoever reads it is to notice that it does not end here.
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "an export breaks off");
                    Some((Err(io::Error::other("the export breaks off")), going))
                }
            }
        }
        Step::End => None,
    }
}
