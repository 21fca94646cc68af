//! `/files`: files that anybody may see, by the hash of what they have. What stands behind that is only what they are
//! saved as.

use crate::{
    access::permission::FilesGet,
    account::{self, Size},
    attachment,
    extract::Protocol,
    kit::{db::Tx, error::Result, headers::if_none_match},
};
use poem::{
    Request, Response, Route,
    endpoint::make,
    get,
    http::{StatusCode, header},
};

pub(super) fn routes() -> Route {
    let answer = |request: Request| async move { file(&request).await.map_err(poem::Error::from) };
    Route::new().at("/:sha256/:name", get(make(answer)))
}

async fn file(request: &Request) -> Result<Response> {
    let guest = Protocol::<FilesGet>::open(request).await?;
    let sha256 = request.raw_path_param("sha256").unwrap_or_default();
    let find = async |tx: &Tx| attachment::get_public(tx, sha256).await;
    let file = guest.run(find).await?;
    let asked = (size(request), request.headers().clone());
    let mut response = account::serve(&guest, guest.server(), &file, asked).await?;
    let tag = response.header(header::ETAG).unwrap_or_default().to_owned();
    if if_none_match(request.headers(), &tag) {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.set_body(());
    }
    Ok(response)
}

/// How large a picture is wanted.
fn size(request: &Request) -> Option<Size> {
    let query = url::form_urlencoded::parse(request.uri().query()?.as_bytes());
    let mut wanted = query.filter(|(name, _)| name == "size");
    let (_, wanted) = wanted.next()?;
    Size::ALL
        .iter()
        .find(|(name, _)| *name == wanted)
        .map(|(_, size)| *size)
}
