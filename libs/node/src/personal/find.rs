//! Finding dossiers by a person's or a plot's number, in the node's own index.

use lienthong_dossier::{DossierCode, FieldClass, ReadKind};
use lienthong_wire::request::personal::Reader;
use tokio::time::{Instant, timeout_at};

use super::Unread;
use crate::error::Refusal;
use crate::node::Node;
use crate::numbers::Sought;
use crate::reading::{TokenScope, bad_page_token};
use crate::reads::Recorded;
use tonic::Status;

/// Dossiers on one page of a search at most.
pub const FOUND_MAX: usize = 100;
/// Dossiers on a page unless the caller says otherwise.
pub(super) const FOUND_DEFAULT: usize = 50;
/// Rows of the index read at once.
const CHUNK: usize = 256;
/// Dossiers that one call looks at; a page may be short and name the next one.
const LOOKED_AT_MAX: usize = 20_000;

const BUILDING: &str = "the index of numbers is being built";

/// One page of a search.
pub(super) struct Page {
    pub(super) codes: Vec<DossierCode>,
    /// Goes on behind this code; none when there is nothing behind it.
    pub(super) behind: Option<DossierCode>,
    pub(super) recorded: Recorded,
}

/// A search: the token that stands for what is sought, and where the page begins.
pub(super) struct Search {
    /// What the search tells about, for its record.
    class: FieldClass,
    token: lienthong_seal::Hash,
    from: Option<DossierCode>,
    size: usize,
}

impl Node {
    /// The scope of page tokens of just this search. It holds a token under the node's key, never a number.
    fn search_scope(&self, token: lienthong_seal::Hash, reader: &Reader) -> TokenScope {
        let question = [token.to_string(), reader.agency.to_string()];
        TokenScope::new(self.log_id(), "found", &question.each_ref().map(String::as_str))
    }

    /// Reads what a request seeks and its page token.
    pub(super) fn search(
        &self,
        reader: &Reader,
        sought: &Sought,
        page_token: &str,
        size: usize,
    ) -> Result<Search, Status> {
        let keys = self.keys_of(&reader.agency).map_err(crate::status::status)?;
        let token = self.token(keys, sought).map_err(|fault| crate::status::status(fault.into()))?;
        let from = match page_token {
            "" => None,
            text => {
                let says = self.search_scope(token, reader).read(text);
                let code = says.and_then(|says| String::from_utf8(says).ok());
                Some(code.and_then(|code| DossierCode::parse(&code).ok()).ok_or_else(bad_page_token)?)
            }
        };
        let class = match sought {
            Sought::Person(_) => FieldClass::Persons,
            Sought::Plot(_) => FieldClass::Property,
        };
        Ok(Search { class, token, from, size })
    }

    /// The token of the page behind this one; empty when there is none.
    pub(super) fn next_page(&self, reader: &Reader, search: &Search, page: &Page) -> String {
        let scope = self.search_scope(search.token, reader);
        page.behind.as_ref().map(|code| scope.write(code.as_str().as_bytes())).unwrap_or_default()
    }

    /// The dossiers of a person or a plot that the agency may read, once the search is in the log.
    pub(super) async fn find(
        &self,
        reader: &Reader,
        search: &Search,
        deadline: Instant,
    ) -> Result<Page, Unread> {
        let _under_way = self.under_way()?;
        let keys = self.keys_of(&reader.agency)?;
        // What the agency was told before is found.
        let built = timeout_at(deadline, self.0.upkeep.done()).await;
        built.map_err(|_| Refusal::NotReady { why: BUILDING.to_owned() })?;
        let (mut codes, behind) = self.matches(reader, search)?;
        self.see_all_of(&codes).await?;
        codes.retain(|code| self.readable(code, &reader.agency).is_ok());
        let classes = vec![search.class];
        let recorded = self.record_reading(keys, reader, ReadKind::Search, codes.clone(), classes).await?;
        Ok(Page { codes, behind, recorded })
    }

    fn matches(
        &self,
        reader: &Reader,
        search: &Search,
    ) -> Result<(Vec<DossierCode>, Option<DossierCode>), Refusal> {
        let (mut codes, mut behind, mut looked_at) = (Vec::new(), search.from.clone(), 0);
        while looked_at < LOOKED_AT_MAX {
            let rows = self.store().found(search.token, behind.as_ref(), CHUNK)?;
            looked_at += rows.len();
            let is_last = rows.len() < CHUNK;
            let mut rows = rows.into_iter().peekable();
            while let Some(code) = rows.next() {
                behind = Some(code.clone());
                if self.readable(&code, &reader.agency).is_ok() {
                    codes.push(code);
                }
                if codes.len() == search.size && !(is_last && rows.peek().is_none()) {
                    return Ok((codes, behind));
                }
            }
            if is_last {
                return Ok((codes, None));
            }
        }
        Ok((codes, behind))
    }
}
