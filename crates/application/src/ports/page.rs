//! Keyset pages.

/// How many items a page may have: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(usize);

impl Limit {
    /// The most items of a page.
    pub const MAX: usize = 100;
    /// The largest page.
    pub const MAX_PAGE: Self = Self(Self::MAX);
    /// The items of a page whose size nobody asked for.
    pub const DEFAULT: Self = Self(20);

    /// A page size; none outside 1 to [`Limit::MAX`].
    pub fn new(items: usize) -> Option<Self> {
        (1..=Self::MAX).contains(&items).then_some(Self(items))
    }

    /// The number of items.
    pub const fn get(self) -> usize {
        self.0
    }
}

/// Where a page lies, in the order of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position<K> {
    /// The items that follow this key.
    After(K),
    /// The items that come just before this key.
    Before(K),
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// The most items.
    pub limit: Limit,
    /// Where it lies; none for the start of the list.
    pub position: Option<Position<K>>,
}

impl<K> PageRequest<K> {
    /// The first page.
    pub const fn first(limit: Limit) -> Self {
        Self { limit, position: None }
    }

    /// Whether the page is read backwards, from its key to the start of the list.
    pub const fn is_backwards(&self) -> bool {
        matches!(self.position, Some(Position::Before(_)))
    }

    /// How many rows an adapter fetches: one more than the page has, to see whether there are more.
    pub const fn rows(&self) -> usize {
        self.limit.get() + 1
    }
}

/// Part of a list, in the list's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether items come before these.
    pub has_previous: bool,
    /// Whether items follow these.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Makes a page of up to [`PageRequest::rows`] rows, which stand in the order in which they were read: against the
    /// list's order where the page [is read backwards](PageRequest::is_backwards).
    pub fn of_rows<K>(mut rows: Vec<T>, request: &PageRequest<K>) -> Self {
        let more = rows.len() > request.limit.get();
        rows.truncate(request.limit.get());
        let backwards = request.is_backwards();
        if backwards {
            rows.reverse();
        }
        // The item that a position names lies on the other side of the page.
        let behind = request.position.is_some() && !rows.is_empty();
        let (has_previous, has_next) = if backwards { (more, behind) } else { (behind, more) };
        Self { items: rows, has_previous, has_next }
    }

    /// Makes a page around a place, of what lies before it and after it, each the nearest first, and one more than the page
    /// has where there are so many. Where one side has less than half of the page, the other has the rest. The list's order
    /// is that of what lies after, or the other way round.
    pub fn around(mut before: Vec<T>, mut after: Vec<T>, limit: Limit, reversed: bool) -> Self {
        let half = limit.get() / 2;
        let first = limit.get() - half.min(after.len());
        let (more_before, kept) = (before.len() > first, first.min(before.len()));
        before.truncate(kept);
        let rest = limit.get() - kept;
        let more_after = after.len() > rest;
        after.truncate(rest);
        before.reverse();
        before.extend(after);
        if reversed {
            before.reverse();
            return Self { items: before, has_previous: more_after, has_next: more_before };
        }
        Self { items: before, has_previous: more_before, has_next: more_after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[u32], position: Option<Position<u32>>) -> (Vec<u32>, bool, bool) {
        let request = PageRequest { limit: Limit::new(2).unwrap(), position };
        let page = Page::of_rows(rows.to_vec(), &request);
        (page.items, page.has_previous, page.has_next)
    }

    #[test]
    fn one_row_too_many_tells_that_there_is_more_on_the_side_that_was_read() {
        assert_eq!(page(&[1, 2, 3], None), (vec![1, 2], false, true));
        assert_eq!(page(&[3, 4], Some(Position::After(2))), (vec![3, 4], true, false));
        assert_eq!(page(&[4, 3, 2], Some(Position::Before(5))), (vec![3, 4], true, true));
        assert_eq!(page(&[2, 1], Some(Position::Before(3))), (vec![1, 2], false, true));
        assert_eq!(page(&[], Some(Position::After(9))), (vec![], false, false));
    }

    #[test]
    fn a_page_around_a_place_has_as_many_on_either_side_as_there_are() {
        let around = |before: &[u32], after: &[u32], limit, reversed| {
            let limit = Limit::new(limit).unwrap();
            let page = Page::around(before.to_vec(), after.to_vec(), limit, reversed);
            (page.items, page.has_previous, page.has_next)
        };
        assert_eq!(around(&[5, 4, 3, 2, 1], &[6, 7, 8, 9, 10], 4, false), (vec![4, 5, 6, 7], true, true));
        assert_eq!(around(&[5, 4, 3, 2, 1], &[6, 7, 8, 9, 10], 4, true), (vec![7, 6, 5, 4], true, true));
        assert_eq!(around(&[5, 4, 3, 2], &[6, 7, 8, 9], 3, false), (vec![4, 5, 6], true, true));
        assert_eq!(around(&[1], &[2, 3, 4, 5, 6], 4, false), (vec![1, 2, 3, 4], false, true));
        assert_eq!(around(&[5, 4, 3, 2, 1], &[6], 4, true), (vec![6, 5, 4, 3], false, true));
        assert_eq!(around(&[2, 1], &[3, 4], 4, false), (vec![1, 2, 3, 4], false, false));
        assert_eq!(around(&[2, 1], &[3, 4], 1, false), (vec![2], true, true));
        assert_eq!(around(&[], &[], 4, false), (vec![], false, false));
    }

    #[test]
    fn a_limit_is_from_1_to_100() {
        assert!(Limit::new(0).is_none() && Limit::new(101).is_none());
        assert_eq!(Limit::new(100).map(Limit::get), Some(100));
    }
}
