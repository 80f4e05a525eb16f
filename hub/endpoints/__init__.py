"""HTTP for machines that is not GraphQL, and the guard that holds an answer until its records are durable."""
