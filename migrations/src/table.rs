//! `tenant_table`: one declaration, two physical forms.
//!
//! SQLite: a plain table, since the file is the tenant. PostgreSQL: `tenant_id` is the first
//! column of the primary key, of every index and of every foreign key, it defaults to the tenant
//! of the transaction, and row-level security is forced, so that a query which forgets the tenant
//! sees nothing instead of everything.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// A tenant's table under construction; see [`tenant_table`].
pub(crate) struct TenantTable {
    name: &'static str,
    key: &'static [&'static str],
    columns: Vec<ColumnDef>,
    indexes: Vec<Index>,
    parents: Vec<(&'static str, &'static str)>,
}

struct Index {
    unique: bool,
    name: &'static str,
    columns: &'static [&'static str],
    only: Option<&'static str>,
}

/// Starts a table that belongs to one tenant, with these primary key columns.
pub(crate) fn tenant_table(name: &'static str, key: &'static [&'static str]) -> TenantTable {
    TenantTable {
        name,
        key,
        columns: vec![],
        indexes: vec![],
        parents: vec![],
    }
}

impl TenantTable {
    pub(crate) fn columns(mut self, columns: impl IntoIterator<Item = ColumnDef>) -> Self {
        self.columns.extend(columns);
        self
    }

    pub(crate) fn unique(self, name: &'static str, columns: &'static [&'static str]) -> Self {
        self.indexed(true, name, columns, None)
    }

    /// Unique among the rows for which the SQL condition `only` holds.
    pub(crate) fn unique_where(self, name: &'static str, columns: &'static [&'static str], only: &'static str) -> Self {
        self.indexed(true, name, columns, Some(only))
    }

    pub(crate) fn index(self, name: &'static str, columns: &'static [&'static str]) -> Self {
        self.indexed(false, name, columns, None)
    }

    fn indexed(
        mut self,
        unique: bool,
        name: &'static str,
        columns: &'static [&'static str],
        only: Option<&'static str>,
    ) -> Self {
        self.indexes.push(Index {
            unique,
            name,
            columns,
            only,
        });
        self
    }

    /// `column` names the `id` of a row of `parent` and dies with it.
    pub(crate) fn child_of(mut self, column: &'static str, parent: &'static str) -> Self {
        self.parents.push((column, parent));
        self
    }

    pub(crate) async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let shared = manager.get_database_backend() == DbBackend::Postgres;
        manager.create_table(self.table(shared)).await?;
        let db = manager.get_connection();
        for index in &self.indexes {
            db.execute_unprepared(&index.sql(self.name, shared)).await?;
        }
        if shared {
            let isolate = format!("call isolate('\"{}\"')", self.name);
            db.execute_unprepared(&isolate).await?;
        }
        Ok(())
    }

    fn table(&self, shared: bool) -> TableCreateStatement {
        let mut table = Table::create().table(Alias::new(self.name)).to_owned();
        let mut key = sea_orm_migration::prelude::Index::create();
        if shared {
            table.col(
                ColumnDef::new("tenant_id")
                    .uuid()
                    .not_null()
                    .default(Expr::cust("current_tenant()")),
            );
            table.foreign_key(
                ForeignKey::create()
                    .from(Alias::new(self.name), "tenant_id")
                    .to("tenant", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
            key.col("tenant_id");
        }
        for column in &self.columns {
            table.col(column.clone());
        }
        for column in self.key {
            key.col(*column);
        }
        table.primary_key(&mut key);
        for (column, parent) in &self.parents {
            let mut link = ForeignKey::create();
            link.on_delete(ForeignKeyAction::Cascade);
            if shared {
                link.from(Alias::new(self.name), ("tenant_id", *column))
                    .to(Alias::new(*parent), ("tenant_id", "id"));
            } else {
                link.from(Alias::new(self.name), *column).to(Alias::new(*parent), "id");
            }
            table.foreign_key(&mut link);
        }
        table
    }
}

/// Adds columns to a table that is there already, one statement each as SQLite asks for.
pub(crate) async fn add_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: impl IntoIterator<Item = ColumnDef>,
) -> Result<(), DbErr> {
    for column in columns {
        let add = Table::alter().table(Alias::new(table)).add_column(column).to_owned();
        manager.alter_table(add).await?;
    }
    Ok(())
}

/// Runs these statements on the rows of each tenant that there is.
pub(crate) async fn in_each_tenant(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    if backend == DbBackend::Sqlite {
        for sql in statements {
            db.execute_unprepared(sql).await?;
        }
        return Ok(());
    }
    let tenants = Statement::from_string(backend, "select id::text as id from tenant");
    for tenant in db.query_all_raw(tenants).await? {
        let id: String = tenant.try_get("", "id")?;
        let enter = "select set_config('app.tenant_id', $1, true)";
        db.query_one_raw(Statement::from_sql_and_values(backend, enter, [id.into()]))
            .await?;
        for sql in statements {
            db.execute_unprepared(sql).await?;
        }
    }
    db.execute_unprepared("select set_config('app.tenant_id', '', true)")
        .await?;
    Ok(())
}

/// Adds an index to a tenant's table that is there already.
pub(crate) async fn tenant_index(
    manager: &SchemaManager<'_>,
    table: &str,
    name: &'static str,
    columns: &'static [&'static str],
    only: Option<&'static str>,
) -> Result<(), DbErr> {
    add_index(manager, table, (false, name), columns, only).await
}

/// Adds a unique index to a tenant's table that is there already.
pub(crate) async fn unique_index(
    manager: &SchemaManager<'_>,
    table: &str,
    name: &'static str,
    columns: &'static [&'static str],
    only: Option<&'static str>,
) -> Result<(), DbErr> {
    add_index(manager, table, (true, name), columns, only).await
}

async fn add_index(
    manager: &SchemaManager<'_>,
    table: &str,
    (unique, name): (bool, &'static str),
    columns: &'static [&'static str],
    only: Option<&'static str>,
) -> Result<(), DbErr> {
    let shared = manager.get_database_backend() == DbBackend::Postgres;
    let index = Index {
        unique,
        name,
        columns,
        only,
    };
    let sql = index.sql(table, shared);
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

impl Index {
    fn sql(&self, table: &str, shared: bool) -> String {
        let unique = if self.unique { "unique " } else { "" };
        let columns: Vec<String> = shared
            .then_some("tenant_id")
            .into_iter()
            .chain(self.columns.iter().copied())
            .map(|column| format!("\"{column}\""))
            .collect();
        let only = self
            .only
            .map_or_else(String::new, |condition| format!(" where {condition}"));
        format!(
            "create {unique}index \"{}\" on \"{table}\" ({}){only}",
            self.name,
            columns.join(", ")
        )
    }
}
