//! What applications have several of: read by one statement, written list by list.

use super::{
    entity::{access, auth, claim, grant, role, scope, uri},
    kind::{AuthMethod, ClaimForm, Grant, UriKind},
    spec::{Audience, Claim, Spec},
};
use crate::kit::{db::Tx, error::Result, id::ApplicationId};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, UnionType},
};

/// A row of any of them: whose it is, which table it is of, and its columns.
struct Part {
    of: ApplicationId,
    table: String,
    texts: [String; 3],
    number: i32,
}

/// The lists of some applications.
pub(super) struct Parts(Vec<Part>);

/// The rows of one table in the form they all share; a column that it does not have is as empty as text is.
fn of_table(
    table: impl EntityTrait,
    ids: &[ApplicationId],
    name: &str,
    columns: [&'static str; 3],
    number: &'static str,
) -> SelectStatement {
    let mut rows = Query::select();
    rows.column("application_id")
        .expr_as(Expr::cust(format!("'{name}'")), "part")
        .expr_as(Expr::cust(columns[0]), "first")
        .expr_as(Expr::cust(columns[1]), "second")
        .expr_as(Expr::cust(columns[2]), "third")
        .expr_as(Expr::cust(number), "number")
        .from(table)
        .and_where(Expr::col("application_id").is_in(ids.iter().map(|id| id.0)));
    rows
}

impl Parts {
    pub(super) async fn read(tx: &Tx, ids: &[ApplicationId]) -> Result<Self> {
        if ids.is_empty() {
            return Ok(Self(vec![]));
        }
        let mut query = of_table(uri::Entity, ids, "uri", ["kind", "uri", "''"], "position");
        let places = "case when in_id_token then 1 else 0 end + case when in_access_token then 2 else 0 end \
                      + case when in_userinfo then 4 else 0 end";
        let tables = [
            of_table(grant::Entity, ids, "grant", ["\"grant\"", "''", "''"], "position"),
            of_table(auth::Entity, ids, "auth", ["method", "''", "''"], "position"),
            of_table(scope::Entity, ids, "scope", ["audience", "scope", "''"], "0"),
            of_table(role::Entity, ids, "role", ["role", "''", "''"], "0"),
            of_table(access::Entity, ids, "access", ["role", "''", "''"], "0"),
            of_table(claim::Entity, ids, "claim", ["claim", "source", "form"], places),
        ];
        for table in tables {
            query.union(UnionType::All, table);
        }
        for column in ["application_id", "part", "number", "first", "second"] {
            query.order_by(column, Order::Asc);
        }
        let rows = tx.query_all(&query).await?;
        let read = |row: &sea_orm::QueryResult| {
            Ok(Part {
                of: row.try_get("", "application_id")?,
                table: row.try_get("", "part")?,
                texts: [
                    row.try_get("", "first")?,
                    row.try_get("", "second")?,
                    row.try_get("", "third")?,
                ],
                number: row.try_get("", "number")?,
            })
        };
        let parts: std::result::Result<Vec<Part>, DbErr> = rows.iter().map(read).collect();
        Ok(Self(parts?))
    }

    fn each(&self, of: ApplicationId, table: &str) -> impl Iterator<Item = &Part> {
        self.0.iter().filter(move |part| part.of == of && part.table == table)
    }

    fn texts(&self, of: ApplicationId, table: &str) -> Vec<String> {
        self.each(of, table).map(|part| part.texts[0].clone()).collect()
    }

    fn words<T: ActiveEnum<Value = String>>(&self, of: ApplicationId, table: &str) -> Result<Vec<T>> {
        let words = self.each(of, table).map(|part| T::try_from_value(&part.texts[0]));
        Ok(words.collect::<std::result::Result<_, _>>()?)
    }

    /// Writes the lists of this application into what is decided about it.
    pub(super) fn fill(&self, of: ApplicationId, spec: &mut Spec) -> Result<()> {
        let uris = |kind: UriKind| {
            let uris = self.each(of, "uri").filter(|part| part.texts[0] == kind.word());
            uris.map(|part| part.texts[1].clone()).collect::<Vec<_>>()
        };
        spec.redirect_uris = uris(UriKind::Redirect);
        spec.post_logout_redirect_uris = uris(UriKind::PostLogout);
        spec.allowed_origins = uris(UriKind::Origin);
        spec.grants = self.words::<Grant>(of, "grant")?;
        spec.auth_methods = self.words::<AuthMethod>(of, "auth")?;
        spec.roles = self.texts(of, "role");
        spec.access_roles = self.texts(of, "access");
        spec.scopes.clear();
        spec.audiences.clear();
        for [audience, scope, _] in self.each(of, "scope").map(|part| &part.texts) {
            if audience.is_empty() {
                spec.scopes.push(scope.clone());
                continue;
            }
            if spec.audiences.last().is_none_or(|last| last.audience != *audience) {
                let (audience, scopes) = (audience.clone(), vec![]);
                spec.audiences.push(Audience { audience, scopes });
            }
            if let Some(last) = spec.audiences.last_mut().filter(|_| !scope.is_empty()) {
                last.scopes.push(scope.clone());
            }
        }
        let claims = self.each(of, "claim").map(|part| {
            let [claim, source, form] = part.texts.clone();
            let form = ClaimForm::try_from_value(&form)?;
            Ok(Claim {
                claim,
                source,
                form,
                in_id_token: part.number & 1 != 0,
                in_access_token: part.number & 2 != 0,
                in_userinfo: part.number & 4 != 0,
            })
        });
        spec.claims = claims.collect::<std::result::Result<_, DbErr>>()?;
        spec.normalize();
        Ok(())
    }
}

/// Replaces the rows of one table of an application.
macro_rules! replace {
    ($tx:ident, $id:ident, $module:ident, $rows:expr) => {{
        let rows: Vec<$module::ActiveModel> = $rows;
        let of = $module::Column::ApplicationId.eq($id);
        $module::Entity::delete_many().filter(of).exec($tx).await?;
        if !rows.is_empty() {
            $module::Entity::insert_many(rows).exec_without_returning($tx).await?;
        }
    }};
}

/// Writes the lists that differ.
pub(super) async fn write(tx: &Tx, id: ApplicationId, old: Option<&Spec>, new: &Spec) -> Result<()> {
    if old.is_none_or(|old| old.uris() != new.uris()) {
        replace!(tx, id, uri, uris(id, new));
    }
    if old.is_none_or(|old| old.grants != new.grants) {
        replace!(tx, id, grant, grants(id, new));
    }
    if old.is_none_or(|old| old.auth_methods != new.auth_methods) {
        replace!(tx, id, auth, methods(id, new));
    }
    if old.is_none_or(|old| old.scopes != new.scopes || old.audiences != new.audiences) {
        replace!(tx, id, scope, scopes(id, new));
    }
    if old.is_none_or(|old| old.roles != new.roles) {
        replace!(tx, id, role, roles(id, new));
    }
    if old.is_none_or(|old| old.access_roles != new.access_roles) {
        replace!(tx, id, access, access_roles(id, new));
    }
    if old.is_none_or(|old| old.claims != new.claims) {
        replace!(tx, id, claim, claims(id, new));
    }
    Ok(())
}

fn uris(id: ApplicationId, of: &Spec) -> Vec<uri::ActiveModel> {
    let uris = of
        .uris()
        .into_iter()
        .flat_map(|(_, kind, uris)| (0..).zip(uris).map(move |(position, uri)| (kind, position, uri)));
    uris.map(|(kind, position, uri)| uri::ActiveModel {
        application_id: Set(id),
        kind: Set(kind),
        uri: Set(uri.clone()),
        position: Set(position),
    })
    .collect()
}

fn grants(id: ApplicationId, of: &Spec) -> Vec<grant::ActiveModel> {
    let row = |(position, grant): (i32, &Grant)| grant::ActiveModel {
        application_id: Set(id),
        grant: Set(*grant),
        position: Set(position),
    };
    (0..).zip(&of.grants).map(row).collect()
}

fn methods(id: ApplicationId, of: &Spec) -> Vec<auth::ActiveModel> {
    let row = |(position, method): (i32, &AuthMethod)| auth::ActiveModel {
        application_id: Set(id),
        method: Set(*method),
        position: Set(position),
    };
    (0..).zip(&of.auth_methods).map(row).collect()
}

fn scopes(id: ApplicationId, of: &Spec) -> Vec<scope::ActiveModel> {
    let ours = of.scopes.iter().map(|name| ("", name.as_str()));
    let of_apis = of.audiences.iter().flat_map(|Audience { audience, scopes }| {
        let scopes = scopes.iter().map(String::as_str).chain([""]);
        scopes.map(move |name| (audience.as_str(), name))
    });
    let row = |(audience, name): (&str, &str)| scope::ActiveModel {
        application_id: Set(id),
        audience: Set(audience.to_owned()),
        scope: Set(name.to_owned()),
    };
    ours.chain(of_apis).map(row).collect()
}

fn roles(id: ApplicationId, of: &Spec) -> Vec<role::ActiveModel> {
    let row = |name: &String| role::ActiveModel {
        application_id: Set(id),
        role: Set(name.clone()),
    };
    of.roles.iter().map(row).collect()
}

fn access_roles(id: ApplicationId, of: &Spec) -> Vec<access::ActiveModel> {
    let row = |name: &String| access::ActiveModel {
        application_id: Set(id),
        role: Set(name.clone()),
    };
    of.access_roles.iter().map(row).collect()
}

fn claims(id: ApplicationId, of: &Spec) -> Vec<claim::ActiveModel> {
    let row = |claim: &Claim| claim::ActiveModel {
        application_id: Set(id),
        claim: Set(claim.claim.clone()),
        source: Set(claim.source.clone()),
        form: Set(claim.form),
        in_id_token: Set(claim.in_id_token),
        in_access_token: Set(claim.in_access_token),
        in_userinfo: Set(claim.in_userinfo),
    };
    of.claims.iter().map(row).collect()
}
