//! Free data of the caller's account: its annotations.

use super::shape::{ListDetails, ListQuery, ObjectDetails, TextQueryMethod, one_of_each};
use crate::{
    access::permission::UsersGet,
    account,
    console::Tag,
    extract::Own,
    groups::rpc::Result,
    kit::{
        body::Body,
        error::{self, Code},
        text::MetadataKey,
    },
};
use poem_openapi::{Object, OpenApi, param::Path, payload::Json, types::Base64};
use tenantry_boxed::boxed;

/// Which metadata are asked for.
#[derive(Debug, Object)]
pub struct ListMyMetadataRequest {
    /// The part; all of it if absent.
    #[oai(default)]
    query: ListQuery,
    /// What all of them must meet.
    #[oai(default, validator(max_items = 20))]
    queries: Vec<MetadataQuery>,
}

/// What metadata must meet; of one kind.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MetadataQuery {
    key_query: Option<MetadataKeyQuery>,
}

/// A key that is looked for.
#[derive(Debug, Object)]
pub struct MetadataKeyQuery {
    /// The key, or a part of it.
    #[oai(validator(max_length = 253))]
    key: String,
    /// How it is looked for.
    #[oai(default)]
    method: TextQueryMethod,
}

/// The caller's metadata.
#[derive(Debug, Object)]
pub struct ListMyMetadataResponse {
    pub(crate) details: ListDetails,
    /// Those of the part, by their keys.
    pub(crate) result: Vec<Metadata>,
}

/// One of the caller's metadata.
#[derive(Debug, Object)]
pub struct GetMyMetadataResponse {
    pub(crate) metadata: Metadata,
}

/// A value of the caller's account, which the tenant gave it.
#[derive(Debug, Object)]
pub struct Metadata {
    /// The caller's account.
    pub(crate) details: ObjectDetails,
    /// What it is called.
    pub(crate) key: String,
    /// Its bytes, in base64.
    pub(crate) value: Base64<Vec<u8>>,
}

/// The caller's metadata, by their keys.
async fn all<P>(caller: &Own<P>) -> error::Result<Vec<Metadata>> {
    let user = account::get_own(caller).await?;
    let details = ObjectDetails::new(&user, caller.tenant.id);
    let of = |(key, value): (String, String)| Metadata {
        details,
        key,
        value: Base64(value.into_bytes()),
    };
    Ok(user.annotations().into_iter().map(of).collect())
}

/// The operations on free data of the caller's account.
pub struct Api;

#[OpenApi(prefix_path = "/users/me/metadata", tag = "Tag::Account")]
#[boxed]
impl Api {
    /// List one's own metadata
    ///
    /// The annotations of the caller's account, by their keys.
    #[oai(path = "/_search", method = "post", operation_id = "ListMyMetadata")]
    pub(crate) async fn list_my_metadata(
        &self,
        caller: Own<UsersGet>,
        asked: Body<ListMyMetadataRequest>,
    ) -> Result<Json<ListMyMetadataResponse>> {
        let ListMyMetadataRequest { query, queries } = asked.0;
        let queries = one_of_each(queries, |query| vec![query.key_query])?;
        let is_asked = |of: &Metadata| queries.iter().all(|query| query.method.finds(&query.key, &of.key));
        let found = all(&caller).await?.into_iter().filter(is_asked).collect();
        let (details, result) = query.of(found, caller.services.clock.now());
        Ok(Json(ListMyMetadataResponse { details, result }))
    }

    /// See one of one's own metadata
    ///
    /// The annotation of the caller's account that has this key.
    #[oai(path = "/:key", method = "get", operation_id = "GetMyMetadata")]
    pub(crate) async fn get_my_metadata(
        &self,
        caller: Own<UsersGet>,
        /// The key.
        key: Path<MetadataKey>,
    ) -> Result<Json<GetMyMetadataResponse>> {
        let mut all = all(&caller).await?.into_iter();
        let found = all.find(|of| of.key == key.as_str());
        let metadata = found.ok_or(error::Error::from(Code::MetadataNotFound))?;
        Ok(Json(GetMyMetadataResponse { metadata }))
    }
}
