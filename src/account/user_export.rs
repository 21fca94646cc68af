//! Users on their way out.

use super::own::check_recent;
use crate::{
    context::Signed,
    kit::{download::disposition, error::Result, page::Cursor},
    user::UserQuery,
    user_export::{self, Asked, How},
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
    /// Roles whose holders may do what the caller may not.
    above: Vec<String>,
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
/// With hashes, [`crate::kit::error::Code::ReauthenticationRequired`].
pub fn export_users(caller: Signed, asked: Asked) -> BoxFuture<'static, Result<Response>> {
    async move {
        let Asked { query, how } = asked;
        let above = caller
            .act(async |tx, authority| {
                let said = json!({ "csv": how.is_table, "withHashes": how.with_hashes });
                tx.changed("user-export", &"-", Value::Null, said);
                if !how.with_hashes {
                    return Ok(vec![]);
                }
                caller.me.person()?;
                check_recent(tx, &caller.me).await?;
                authority.above().await
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
            above,
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
            let (query, how, above) = (&going.query, going.how, &going.above);
            let read = going
                .caller
                .read(async |tx| user_export::page(tx, query, how, above).await);
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
