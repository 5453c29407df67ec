"""The `brushlink` command, which loads Panel only when it serves; and `brushlink.notebook()`."""

__all__ = ["__version__", "notebook"]

__version__ = "0.1.0"


def notebook(*extensions: str, **options: object) -> None:
    """Make a notebook ready for dashboards, without a network; the first cell of each of ours calls it.

    Parameters
    ----------
    *extensions : str
        Panel extensions besides those of the dashboards.
    **options : object
        More of ``pn.extension``.

    Raises
    ------
    NamesakeError
        If a folder or file of yours hides one of our packages; it says which, and what to do.
    """
    from brushlink.namesake import refuse_namesake

    refuse_namesake()
    from dashboards.parts.browser_cures import notebook_extension

    notebook_extension(*extensions, **options)
