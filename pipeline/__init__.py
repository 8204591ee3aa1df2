"""What happens to a call, from bytes to a verdict. Knows no Streamlit, no RQ, no FastAPI."""
