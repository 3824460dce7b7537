//! What pages say about the pages to come: whether there is a newer one (`ETag`,
//! `Last-Modified`), and where the next one is (`Link`, RFC 8288).

use reqwest::header::{
    ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LINK,
};
use std::cell::RefCell;
use std::collections::HashSet;
use url::Url;

/// How many pages may follow one another before the first one is asked for again.
const LONGEST_ROUND: usize = 1000;

/// What is asked for after a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// The first page, after a while.
    #[default]
    Later,
    /// The page that this one names, at once.
    AtOnce,
    /// Like [`Next::Later`], because the page that this one names cannot be asked for: why.
    Unusable(String),
}

/// The pages of one server.
#[derive(Debug, Default)]
pub(super) struct Polling(RefCell<PollingState>);

#[derive(Debug, Default)]
struct PollingState {
    /// Whether the last answer was a page.
    is_paged: bool,
    /// What the whole of a round was known by, if it was a single page.
    known: Option<KnownRound>,
    /// The page that is coming; it counts only once it has come whole.
    coming: Option<Coming>,
    /// The page to ask for instead of the first one.
    next: Option<Url>,
    /// The pages of this round.
    seen: HashSet<Url>,
}

#[derive(Clone, Debug)]
struct KnownRound {
    url: Url,
    tag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

#[derive(Debug)]
struct Coming {
    known: KnownRound,
    links: Vec<String>,
}

impl Polling {
    /// Whether answers without content say that there is nothing new.
    pub(super) fn is_paged(&self) -> bool {
        self.0.borrow().is_paged
    }

    /// What to ask for where `first` is the first page, and on which conditions.
    pub(super) fn request(&self, first: Url) -> (Url, HeaderMap) {
        let mut state = self.0.borrow_mut();
        state.coming = None;
        let mut conditions = HeaderMap::new();
        if let Some(next) = state.next.take() {
            return (next, conditions);
        }
        state.seen.clear();
        if let Some(known) = state.known.as_ref().filter(|known| known.url == first) {
            conditions.extend(known.tag.clone().map(|tag| (IF_NONE_MATCH, tag)));
            conditions.extend(known.modified.clone().map(|date| (IF_MODIFIED_SINCE, date)));
        }
        (first, conditions)
    }

    /// Whether what is coming is a page; `headers` are those of its answer.
    pub(super) fn answered(&self, url: &Url, is_page: bool, headers: &HeaderMap) {
        let mut state = self.0.borrow_mut();
        state.is_paged = is_page;
        let links = headers.get_all(LINK).iter();
        let links = links.filter_map(|link| link.to_str().ok().map(str::to_owned));
        state.coming = is_page.then(|| Coming {
            known: KnownRound {
                url: url.clone(),
                tag: headers.get(ETAG).cloned(),
                modified: headers.get(LAST_MODIFIED).cloned(),
            },
            links: links.collect(),
        });
    }

    /// There is nothing new.
    pub(super) fn unchanged(&self) {
        self.0.borrow_mut().coming = None;
    }

    /// The page has come whole.
    pub(super) fn ended(&self) -> Next {
        let state = &mut *self.0.borrow_mut();
        let Some(Coming { known, links }) = state.coming.take() else {
            return Next::Later;
        };
        let is_first = state.seen.is_empty();
        let url = known.url.clone();
        state.known = None;
        state.seen.insert(url.clone());
        let target = links.iter().find_map(|link| next_in(link));
        let Some(target) = target else {
            // Of several pages the first says nothing about the others.
            state.known = Some(known).filter(|_| is_first);
            return Next::Later;
        };
        match url.join(&target) {
            Err(_) => Next::Unusable("the link to the next page is not a URL".to_owned()),
            Ok(next) if next.origin() != url.origin() => Next::Unusable(
                "the link to the next page leads to another server and is not followed".to_owned(),
            ),
            Ok(next) if state.seen.contains(&next) => Next::Unusable(
                "the link to the next page leads back to one that was read".to_owned(),
            ),
            Ok(_) if state.seen.len() >= LONGEST_ROUND => Next::Unusable(format!(
                "stopped after {LONGEST_ROUND} pages in a row: the rest is not read"
            )),
            Ok(next) => {
                state.next = Some(next);
                Next::AtOnce
            }
        }
    }
}

/// The target of `rel="next"` in a `Link` header.
fn next_in(header: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let (_, behind) = rest.split_once('<')?;
        let (target, behind) = behind.split_once('>')?;
        let end = end_of_parameters(behind);
        if is_next(&behind[..end]) {
            return Some(target.to_owned());
        }
        rest = &behind[end..];
    }
}

/// Where a link's parameters end: at a comma outside quotes.
fn end_of_parameters(text: &str) -> usize {
    let mut is_quoted = false;
    let comma = text.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b',' && !is_quoted
    });
    comma.unwrap_or(text.len())
}

/// Whether the first `rel` of a link is `next`, alone or among others.
fn is_next(parameters: &str) -> bool {
    let relations = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_relation = name.trim().eq_ignore_ascii_case("rel");
        is_relation.then(|| value.trim().trim_matches('"'))
    });
    relations.is_some_and(|relations| {
        let mut each = relations.split_ascii_whitespace();
        each.any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_every_form_of_the_header() {
        for (header, target) in [
            (
                "<https://h/e?page=2>; rel=\"next\"",
                Some("https://h/e?page=2"),
            ),
            ("</e?page=2>;rel=next", Some("/e?page=2")),
            (
                "</1>; rel=\"prev\", </3>; rel=\"next\", </9>; rel=\"last\"",
                Some("/3"),
            ),
            ("</a,b>; title=\"x, y\"; REL=\"last Next\"", Some("/a,b")),
            ("</1>; rel=\"nextish\"", None),
            ("</1>; rel=\"prev\"; rel=\"next\"", None),
            ("</1>", None),
            ("nonsense; rel=next", None),
            ("<", None),
            ("", None),
        ] {
            assert_eq!(next_in(header).as_deref(), target, "{header}");
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        let pairs = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        pairs.collect()
    }

    #[test]
    fn only_a_page_that_came_whole_is_known() {
        let first: Url = "https://h/e".parse().unwrap();
        let polling = Polling::default();
        let answer = headers(&[("etag", "\"1\""), ("last-modified", "then")]);
        for comes_whole in [false, true] {
            let (url, conditions) = polling.request(first.clone());
            assert!(conditions.is_empty());
            polling.answered(&url, true, &answer);
            if comes_whole {
                assert_eq!(polling.ended(), Next::Later);
            }
        }
        let (_, conditions) = polling.request(first.clone());
        assert_eq!(conditions[IF_NONE_MATCH], "\"1\"");
        assert_eq!(conditions[IF_MODIFIED_SINCE], "then");
        polling.unchanged();
        assert_eq!(polling.ended(), Next::Later);
        assert_eq!(polling.request(first).1.len(), 2);
        let other = "https://h/e?after=1".parse().unwrap();
        assert!(polling.request(other).1.is_empty());
    }

    #[test]
    fn pages_follow_one_another_on_one_server_and_not_in_a_circle() {
        let first: Url = "https://h/e".parse().unwrap();
        let polling = Polling::default();
        let page = |link: &'static str| {
            let (url, _) = polling.request(first.clone());
            polling.answered(&url, true, &headers(&[("link", link), ("etag", "\"1\"")]));
            (url.to_string(), polling.ended())
        };
        assert_eq!(
            page("</e?p=2>; rel=next"),
            ("https://h/e".into(), Next::AtOnce)
        );
        let (asked, next) = page("<//other/e>; rel=next");
        assert_eq!(asked, "https://h/e?p=2");
        assert!(matches!(next, Next::Unusable(_)), "{next:?}");
        assert_eq!(page("</e?p=2>; rel=next").1, Next::AtOnce);
        let (asked, next) = page("</e>; rel=next");
        assert_eq!(asked, "https://h/e?p=2");
        assert!(matches!(next, Next::Unusable(_)), "{next:?}");
        assert_eq!(page(""), ("https://h/e".into(), Next::Later));
    }
}
